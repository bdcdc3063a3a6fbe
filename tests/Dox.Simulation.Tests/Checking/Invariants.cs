using System.Text.Json;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Checking;

/// <summary>
/// What must hold at every moment, judged by a memory of its own: who was given a run last and with which token, and what its journal was. The
/// guards of the store and the engine aren't asked.
/// </summary>
internal sealed class Invariants(World world)
{
    public const string StaleToken = "no write by a stale token is accepted";
    public const string LiveLease = "nobody takes a run that a living node holds";
    public const string NewToken = "each change of owner makes a new token";
    public const string NoneForgotten = "every unfinished run has a wake-up, a lease or an open review";
    public const string EndedIsEnded = "ended is ended";
    public const string Chain = "the journal's chain is valid";
    public const string RowAndJournal = "row and journal are one";
    public const string AskedOnce = "a person is asked once";
    public const string EffectOnce = "each effect once";
    public const string AllEnd = "every run ends";
    public const string SameEnd = "the end is that of a run without troubles";
    public const string StartedOnce = "a key starts one run";
    public const string WishMet = "a wish is met before the next step";
    public const string ActOnce = "an operator's act is done once, with its line in the journal and in the audit";
    public const string ChildrenEnd = "a cancelled run's children are cancelled with it";
    public const string ToldOnce = "what a run has to tell is told once";

    // Lanes and answers included; a run that nobody stops does more
    private const int MostUnderWay = 6;

    private readonly Dictionary<Id<Workflow>, Lease> _leases = [];
    private readonly Dictionary<Id<Workflow>, (int Length, byte[] Hash)> _checked = [];
    private readonly HashSet<Id<Workflow>> _ended = [];
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<Id<Workflow>, int> _reopened = [];
    private readonly Dictionary<Id<Workflow>, int> _wishes = [];

    public void Starting(string writer, Kept write) => _leases[write.Run.Id] = new Lease(write.Owner, write.Token);

    public void Claiming(OpenRun row, RunClaim claim, bool isHeldByTheLiving)
    {
        if (isHeldByTheLiving) world.Violate(LiveLease, $"{claim.Owner} takes {row.Id} from {row.Owner}");
    }

    public void Claimed(OpenRun row)
    {
        if (_leases.TryGetValue(row.Id, out var before) && row.Token <= before.Token)
            world.Violate(NewToken, $"{row.Id} went from {before} to {row.Owner} with {row.Token}");
        _leases[row.Id] = new Lease(row.Owner, row.Token);
    }

    public void Writing(OpenRun row, string writer, Kept write)
    {
        if (_ended.Contains(row.Id)) world.Violate(EndedIsEnded, $"{writer} writes {row.Id}, which ended");
        var lease = _leases[row.Id];
        if (write.Expected.Token != lease.Token || (lease.Owner is not null && lease.Owner != writer))
            world.Violate(StaleToken, $"{writer} writes {row.Id} with {write.Expected.Token}, and it belongs to {lease}");
        _leases[row.Id] = new Lease(write.Owner, write.Token);
    }

    /// <summary>Of a wish that a run's holder is to meet; null: it was taken back.</summary>
    public void Wished(OpenRun row, RunIntent? wish)
    {
        if (wish is null) _wishes.Remove(row.Id);
        else _wishes[row.Id] = row.JournalLength;
    }

    /// <summary>An answer takes a run from whoever holds it, with a new token.</summary>
    public void Answering(OpenRun row, Kept write)
    {
        if (write.Expected.Token != _leases[row.Id].Token) world.Violate(StaleToken, $"{row.Id} is answered with {write.Expected.Token}, and belongs to {_leases[row.Id]}");
        if (write.Token <= row.Token) world.Violate(NewToken, $"{row.Id} is answered, and keeps its token {row.Token}");
        _leases[row.Id] = new Lease(null, write.Token);
    }

    /// <summary>How often it was opened again.</summary>
    public int ReopenedTimes(Id<Workflow> run) => _reopened.GetValueOrDefault(run);

    public void Reopening(EndedRun row, string writer, Kept write)
    {
        _reopened[row.Id] = ReopenedTimes(row.Id) + 1;
        if (row.Status is RunStatus.Success or RunStatus.Cancelled) world.Violate(EndedIsEnded, $"{writer} reopens {row.Id}, which is {row.Status}");
        _ended.Remove(row.Id);
        _leases[row.Id] = new Lease(write.Owner, write.Token);
    }

    public void Written(OpenRun row, IReadOnlyList<JournalEntry> journal)
    {
        Changed(row);
        if (_ended.Contains(row.Id)) world.Violate(EndedIsEnded, $"{row.Id} is open again");
        CheckJournal(row, journal);
    }

    public void Changed(OpenRun row)
    {
        if (row.Owner is null) _leases[row.Id] = new Lease(null, row.Token);
        if (row.Owner is not null || row.WakeAt is not null || row.Status == RunStatus.Paused) return;
        var waits = RunStateJson.Read(row.State).Waits.ToList();
        var isHeld = waits.Count > 0 && waits.TrueForAll(wait => wait.Kind switch
        {
            WaitKind.Human => _asked.Contains(Question(row.Id, wait.Step, wait.Visit)),
            WaitKind.Event or WaitKind.Workflow => true,
            _ => false,
        });
        if (!isHeld) world.Violate(NoneForgotten, $"{row.Id} is {row.Status} at '{row.CurrentStep}', and nobody will look at it");
    }

    public void Ended(EndedRun row, IReadOnlyList<JournalEntry> journal)
    {
        if (!_ended.Add(row.Id)) world.Violate(EndedIsEnded, $"{row.Id} ended twice");
        _leases[row.Id] = new Lease(null, long.MaxValue);
        CheckJournal(row, journal);
    }

    public void Sent(Id<Workflow> run, int journalLength, OutboxMessage message)
    {
        if (message.Name.Contains("open-review", StringComparison.Ordinal))
        {
            using var body = JsonDocument.Parse(message.Body);
            var question = Question(run, body.RootElement.GetProperty("step").GetString()!, body.RootElement.GetProperty("visit").GetInt32());
            _asked.Add(question);
            if (!_told.Add($"{question} {message.Name} at {journalLength}")) world.Violate(AskedOnce, $"{question} was sent twice by one checkpoint");
            return;
        }

        // What closes reviews and children is about one of several
        var about = message.Name.Contains("close-review", StringComparison.Ordinal) || message.Name.Contains("cancel-child", StringComparison.Ordinal) ? $" {journalLength} {message.Body}" : "";
        if (!_told.Add($"{run} {message.Name} {_ended.Contains(run)} {ReopenedTimes(run)}{about}")) world.Violate(ToldOnce, $"{run} sent {message.Name} twice");
    }

    /// <summary>Called with what a node heard of its write.</summary>
    public void Heard(Kept write, RunWriteResult result, IReadOnlyList<JournalEntry> journal)
    {
        if (result.IsWritten && journal.Count < write.JournalLength)
            world.Violate(RowAndJournal, $"{write.Run.Id} was answered as written up to {write.JournalLength}, and {journal.Count} are there");
    }

    private void CheckJournal(RunRow row, IReadOnlyList<JournalEntry> journal)
    {
        if (row.JournalLength != journal.Count)
        {
            world.Violate(RowAndJournal, $"{row.Id} says {row.JournalLength} entries, and has {journal.Count}");
            return;
        }

        var (length, hash) = _checked.GetValueOrDefault(row.Id, (0, []));
        for (var i = length; i < journal.Count; i++)
        {
            if (journal[i].Sequence != i + 1 || !journal[i].Hash.AsSpan().SequenceEqual(journal[i].ExpectedHash(hash)))
            {
                world.Violate(Chain, $"{row.Id} breaks at {i + 1} of {journal.Count}");
                return;
            }

            hash = journal[i].Hash;
            CheckWish(row.Id, journal[i]);
        }

        _checked[row.Id] = (journal.Count, hash);
        if (!row.JournalHash.AsSpan().SequenceEqual(hash)) world.Violate(RowAndJournal, $"{row.Id} ends with another hash than its journal");
    }

    /// <summary>Steps that are under way may end, in each lane one; none is begun.</summary>
    private void CheckWish(Id<Workflow> run, JournalEntry entry)
    {
        if (!_wishes.TryGetValue(run, out var at)) return;
        if (entry.Kind == JournalKind.Operator) _wishes.Remove(run);
        else if (entry.Sequence > at + MostUnderWay) world.Violate(WishMet, $"{run} has an entry {entry.Sequence}, '{entry.Step}', and something was wanted of it at {at}");
    }

    private static string Question(Id<Workflow> run, string step, int visit) => $"{run} {step}/{visit}";

    private sealed record Lease(string? Owner, long Token)
    {
        public override string ToString() => $"{Owner ?? "nobody"} with {Token}";
    }
}
