using System.Collections.Concurrent;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>When a run's node dies, as the run sees it: at which of the calls of the store that are about it, and whether that call was done.</summary>
/// <param name="at">Counted from 0; -1: never.</param>
/// <param name="isDone">Whether the call reaches the database.</param>
internal sealed class Death(int at, bool isDone)
{
    private int _calls;

    public int At => at;

    public bool IsDone => isDone;

    /// <summary>How many calls there were so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public bool Happened { get; private set; }

    /// <summary>Whether this call is the one.</summary>
    public bool IsNow()
    {
        var isNow = Interlocked.Increment(ref _calls) - 1 == at;
        Happened |= isNow;
        return isNow;
    }

    public override string ToString() => $"call {at}, {(isDone ? "done" : "not done")}";
}

/// <summary>
/// The real store, on which each run has a death of its own. The node isn't told that a call was made, and forgets the run: all that it knew beyond
/// the database is lost, as in a death, and the runs beside it go on to theirs.
/// </summary>
internal sealed class Deaths
{
    private readonly ConcurrentDictionary<Id<Workflow>, Death> _planned = new();

    /// <summary>Of the run whose start is written next.</summary>
    public Death? Next { get; set; }

    /// <summary>Whether what a dead node had is taken over, and lost again at once: the claim was done, and its node died with the answer.</summary>
    public Func<Id<Workflow>, bool> ClaimIsLost { get; set; } = _ => false;

    public IRunStore Around(IRunStore store) => new Store(store, this);

    private Death? Of(RunWrite write)
    {
        if (write.Kind != RunWriteKind.Start || Next is not { } next) return _planned.GetValueOrDefault(write.Run.Id);
        Next = null;
        return _planned[write.Run.Id] = next;
    }

    private sealed class Store(IRunStore store, Deaths deaths) : IRunStore
    {
        public int WritesAtOnce => store.WritesAtOnce;

        public async Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken)
        {
            var dying = batch.Select(write => deaths.Of(write) is { } death && death.IsNow() ? death : null).ToList();
            var made = batch.Where((_, i) => dying[i] is null or { IsDone: true }).ToList();
            var results = new Queue<RunWriteResult>(made.Count == 0 ? [] : await store.WriteAsync(made, cancellationToken));
            return [.. dying.Select(death =>
            {
                if (death is not { IsDone: false })
                {
                    var result = results.Dequeue();
                    if (death is null) return result;
                }

                return new RunWriteResult(RunWriteOutcome.Stale);
            })];
        }

        public async Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken)
        {
            var rows = await store.ClaimAsync(claim, cancellationToken);
            return [.. rows.Where(row => !(deaths._planned.TryGetValue(row.Id, out var death) && death.IsNow()) && !(claim is RunClaim.Abandoned && deaths.ClaimIsLost(row.Id)))];
        }

        public Task ReleaseAsync(string owner, IReadOnlyList<RunRelease> releases, CancellationToken cancellationToken) => store.ReleaseAsync(
            owner, [.. releases.Where(r => !(deaths._planned.TryGetValue(r.Run, out var death) && death.IsNow() && !death.IsDone))], cancellationToken);

        public Task<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken) => store.OwnersAsync(cancellationToken);

        public Task<IReadOnlyDictionary<Id<Workflow>, RunIntent>> IntentsAsync(string owner, CancellationToken cancellationToken) => store.IntentsAsync(owner, cancellationToken);

        public Task<IntentOutcome> SetIntentAsync(Id<Workflow> run, RunIntent? intent, AuditRecord? audit, CancellationToken cancellationToken) =>
            store.SetIntentAsync(run, intent, audit, cancellationToken);

        public Task<RunRow?> FindAsync(Id<Workflow> run, CancellationToken cancellationToken) => store.FindAsync(run, cancellationToken);
    }
}
