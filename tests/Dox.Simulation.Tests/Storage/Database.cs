using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Simulation.Tests.Checking;
using Dox.Simulation.Tests.Scheduling;

namespace Dox.Simulation.Tests.Storage;

/// <summary>
/// The engine's tables in memory, as honest as the real ones: a transaction is there whole or not at all, what is read is a copy, and a guard
/// that doesn't hold changes nothing. The sessions of nodes are the database's too: who lost his is dead for the others.
/// </summary>
internal sealed class Database(World world, Invariants invariants)
{
    private readonly Mutation _mutation = world.Mutation;
    private readonly Dictionary<Id<Workflow>, OpenRun> _open = [];
    private readonly Dictionary<Id<Workflow>, EndedRun> _ended = [];
    private readonly Dictionary<Id<Workflow>, List<JournalEntry>> _journal = [];
    private readonly Dictionary<(string Account, string Key), Id<Workflow>> _startKeys = [];
    private readonly Dictionary<Id<Workflow>, int> _bankNotes = [];
    private readonly Dictionary<Id<Workflow>, TimeSpan> _cancelled = [];
    private readonly Dictionary<Id<Workflow>, TimeSpan> _endedAt = [];
    private readonly List<string> _audit = [];
    private readonly HashSet<string> _sessions = new(StringComparer.Ordinal);

    /// <summary>Called with each message that is in the outbox from now on.</summary>
    public Action<OutboxMessage> Sent { get; set; } = _ => { };

    public IReadOnlyDictionary<Id<Workflow>, OpenRun> Open => _open;

    public IReadOnlyDictionary<Id<Workflow>, EndedRun> Ended => _ended;

    /// <summary>When an operator cancelled it, by the true time.</summary>
    public IReadOnlyDictionary<Id<Workflow>, TimeSpan> CancelledAt => _cancelled;

    /// <summary>When it ended, by the true time.</summary>
    public IReadOnlyDictionary<Id<Workflow>, TimeSpan> EndedAt => _endedAt;

    /// <summary>What was audited: the run, the action and the reason.</summary>
    public IReadOnlyList<string> Audited => _audit;

    public IReadOnlyList<JournalEntry> JournalOf(Id<Workflow> run) => _journal.TryGetValue(run, out var entries) ? entries : [];

    /// <summary>How often the memory banks were left a note of the run's end.</summary>
    public int BankNotesOf(Id<Workflow> run) => _bankNotes.GetValueOrDefault(run);

    /// <summary>Uses a key up, so that nothing starts with it; false: it is used.</summary>
    public bool UseKey(string account, string key, Id<Workflow> by) => _startKeys.TryAdd((account, key), by);

    public Id<Workflow>? StartedWith(string account, string key) => _startKeys.TryGetValue((account, key), out var run) ? run : null;

    public bool IsAlive(string node) => _sessions.Contains(node);

    public void Join(string node) => _sessions.Add(node);

    public void Leave(string node)
    {
        if (_sessions.Remove(node)) world.Trace.Write(world, "database", $"{node} lost its session");
    }

    public IReadOnlyList<string> DeadAmong(IReadOnlyList<string> nodes) =>
        _mutation == Mutation.DeadStayAlive ? [] : [.. nodes.Where(n => !_sessions.Contains(n))];

    public IReadOnlyList<string> Owners() => [.. _open.Values.Select(r => r.Owner).OfType<string>().Distinct(StringComparer.Ordinal)];

    public RunRow? Find(Id<Workflow> run) =>
        _open.TryGetValue(run, out var open) ? Copy(open) : _ended.TryGetValue(run, out var ended) ? Copy(ended) : null;

    public IReadOnlyList<RunWriteResult> Write(string writer, IReadOnlyList<Kept> batch)
    {
        var results = new RunWriteResult[batch.Count];
        for (var i = 0; i < batch.Count; i++) results[i] = Write(writer, batch[i]);
        return results;
    }

    /// <summary>A node hears what became of its write.</summary>
    public void Heard(Kept write, RunWriteResult result) => invariants.Heard(write, result, JournalOf(write.Run.Id));

    public IReadOnlyList<OpenRun> Claim(RunClaim claim)
    {
        var free = claim switch
        {
            RunClaim.Due due => _open.Values.Where(r => (r.Owner is null || _mutation == Mutation.LeaseUnchecked) && (r.WakeAt is null ? _mutation == Mutation.LeaseUnchecked && r.Owner is not null : r.WakeAt <= due.Now) && !due.LimitedRules.Contains(r.RuleName, StringComparer.Ordinal)),
            RunClaim.Limited limited => _open.Values.Where(r => r.RuleName == limited.Rule && r.Owner is null && r.WakeAt <= limited.Now)
                .OrderBy(r => r.Priority).ThenBy(r => r.WakeAt).Take(Math.Max(0, limited.AtOnce - _open.Values.Count(r => r.RuleName == limited.Rule && r.Owner is not null))),
            RunClaim.Abandoned abandoned => _open.Values.Where(r => r.Owner is not null && abandoned.Dead.Contains(r.Owner, StringComparer.Ordinal)),
            RunClaim.Lost lost when _mutation != Mutation.LostStayLost => _open.Values.Where(r => r.Owner == lost.Owner && r.UpdatedAt < lost.Before && !lost.Held.Contains(r.Id)),
            _ => [],
        };
        var claimed = free.OrderBy(r => r.Priority).ThenBy(r => r.WakeAt).Take(claim.Most).ToList();
        foreach (var row in claimed)
        {
            invariants.Claiming(row, claim, row.Owner is { } owner && owner != claim.Owner && IsAlive(owner) && claim is not RunClaim.Abandoned);
            (row.Owner, row.WakeAt) = (claim.Owner, null);
            if (_mutation != Mutation.TokenKept) row.Token++;
            if (claim is RunClaim.Abandoned) row.Recoveries++;
            invariants.Claimed(row);
        }

        return [.. claimed.Select(row => Told(Copy(row)))];
    }

    public void Release(string owner, IReadOnlyList<RunRelease> releases)
    {
        foreach (var release in releases)
        {
            if (!_open.TryGetValue(release.Run, out var row) || row.Owner != owner || row.Token != release.Token) continue;
            (row.Owner, row.WakeAt) = (null, release.WakeAt);
            invariants.Changed(row);
        }
    }

    public IReadOnlyDictionary<Id<Workflow>, RunIntent> Intents(string owner) =>
        _mutation == Mutation.WishIgnored ? new Dictionary<Id<Workflow>, RunIntent>() : _open.Values.Where(r => r.Owner == owner && r.Intent is not null).ToDictionary(r => r.Id, r => IntentOf(r)!);

    public IntentOutcome SetIntent(Id<Workflow> run, RunIntent? intent, AuditRecord? audit)
    {
        if (!_open.TryGetValue(run, out var row)) return IntentOutcome.NotOpen;
        if (row.Owner is null) return IntentOutcome.NotHeld;
        if (row.Intent is not null and not IntentKind.Pause && intent is not { Kind: not IntentKind.Pause }) return IntentOutcome.Stands;
        (row.Intent, row.IntentBy, row.IntentReason) = (intent?.Kind, intent?.By, intent?.Reason);
        Note(audit);
        invariants.Wished(row, intent);
        return IntentOutcome.Left;
    }

    /// <summary>An answer to a wait, which the module saves together with the message that brought it. False: somebody was first.</summary>
    public bool Answer(Kept write)
    {
        if (!_open.TryGetValue(write.Run.Id, out var row) || row.Token != write.Expected.Token || row.JournalLength != write.Expected.JournalLength) return false;
        invariants.Answering(row, write);
        Put(write with { WakeAt = row.Intent is null ? write.WakeAt : write.UpdatedAt }, row, isAnswer: true);
        return true;
    }

    private RunWriteResult Write(string writer, Kept write)
    {
        if (write.Kind == RunWriteKind.Start) return Start(writer, write);
        if (write.Kind == RunWriteKind.Reopen) return Reopen(writer, write);
        if (!_open.TryGetValue(write.Run.Id, out var row) || !Holds(row, write)) return new(IsRepeated(write) ? RunWriteOutcome.WrittenBefore : RunWriteOutcome.Stale);

        var intent = write.IntentIsMet || _mutation == Mutation.WishIgnored ? null : IntentOf(row);
        invariants.Writing(row, writer, write);
        Put(write, row);
        return new(RunWriteOutcome.Written, intent);
    }

    private RunWriteResult Start(string writer, Kept write)
    {
        if (_open.ContainsKey(write.Run.Id) || _ended.ContainsKey(write.Run.Id)) return new(IsRepeated(write) ? RunWriteOutcome.WrittenBefore : RunWriteOutcome.Conflict);
        if (_mutation != Mutation.StartKeyUnchecked && write.Keys.Any(k => _startKeys.ContainsKey((k.Account, k.Key)))) return new(RunWriteOutcome.Conflict);
        foreach (var key in write.Keys) _startKeys.TryAdd((key.Account, key.Key), key.WorkflowId);
        invariants.Starting(writer, write);
        Put(write, null);
        return new(RunWriteOutcome.Written);
    }

    private RunWriteResult Reopen(string writer, Kept write)
    {
        if (!_ended.TryGetValue(write.Run.Id, out var row) || row.JournalLength != write.Expected.JournalLength)
            return new(IsRepeated(write) ? RunWriteOutcome.WrittenBefore : RunWriteOutcome.Stale);
        invariants.Reopening(row, writer, write);
        _ended.Remove(write.Run.Id);
        Put(write, null);
        return new(RunWriteOutcome.Written);
    }

    private bool Holds(OpenRun row, Kept write) =>
        ((row.Owner == write.Expected.Owner && row.Token == write.Expected.Token) || _mutation == Mutation.TokenUnchecked)
        && (row.JournalLength == write.Expected.JournalLength || _mutation == Mutation.JournalLengthUnchecked);

    private bool IsRepeated(Kept write)
    {
        if (_mutation == Mutation.JournalLengthUnchecked) return false;
        RunRow? row = _open.TryGetValue(write.Run.Id, out var open) ? open : _ended.GetValueOrDefault(write.Run.Id);
        return (row?.JournalLength == write.JournalLength && row.JournalHash.AsSpan().SequenceEqual(write.JournalHash))
            || (write.IsLetGo && _journal.TryGetValue(write.Run.Id, out var journal) && journal.Exists(e => e.Sequence == write.JournalLength && e.Hash.AsSpan().SequenceEqual(write.JournalHash)));
    }

    private void Put(Kept write, OpenRun? before, bool isAnswer = false)
    {
        Note(write.Audit);
        if (write.Entries.Any(e => e is { Kind: JournalKind.Operator, Action: "cancel" })) _cancelled[write.Run.Id] = world.Elapsed;
        var id = write.Run.Id;
        if (!_journal.TryGetValue(id, out var journal)) _journal[id] = journal = [];
        journal.AddRange(write.Entries);
        if (_mutation == Mutation.OutboxApart && (write.Messages.Count > 0 || write.TellsBanks)) world.After(TimeSpan.FromMilliseconds(world.Dice.Between(0, 200)), write.Writer, () => Send(write));
        else Send(write);
        if (_mutation == Mutation.RowApart) world.After(TimeSpan.FromMilliseconds(world.Dice.Between(0, 200)), write.Writer, () => PutRow(write, before, isAnswer));
        else PutRow(write, before, isAnswer);
    }

    private void PutRow(Kept write, OpenRun? before, bool isAnswer)
    {
        if (write.EndedAt is not null)
        {
            if (_mutation != Mutation.EndedStaysOpen) _open.Remove(write.Run.Id);
            _endedAt[write.Run.Id] = world.Elapsed;
            var ended = _ended[write.Run.Id] = Rows.Ended(write);
            invariants.Ended(ended, JournalOf(write.Run.Id));
            return;
        }

        var row = _open[write.Run.Id] = Rows.Open(write, before, isAnswer);
        if (_mutation == Mutation.WakeUpLost) row.WakeAt = null;
        invariants.Written(row, JournalOf(write.Run.Id));
    }

    private void Send(Kept write)
    {
        if (write.TellsBanks) _bankNotes[write.Run.Id] = BankNotesOf(write.Run.Id) + 1;
        foreach (var message in write.Messages)
        {
            invariants.Sent(write.Run.Id, write.JournalLength, message);
            Sent(message);
        }
    }

    private void Note(AuditRecord? audit)
    {
        if (audit is not null) _audit.Add($"{audit.Subject} {audit.Action} {audit.Reason}");
    }

    private OpenRun Told(OpenRun row)
    {
        if (_mutation == Mutation.WishIgnored) row.Intent = null;
        return row;
    }

    private static RunIntent? IntentOf(OpenRun row) => row.Intent is { } kind ? new RunIntent(kind, row.IntentBy!, row.IntentReason) : null;

    private static OpenRun Copy(OpenRun row) => Rows.Copy(row);

    private static EndedRun Copy(EndedRun row) => Rows.Copy(row);
}
