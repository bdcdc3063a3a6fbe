using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>
/// The boundary to the engine's tables. The run's row is the single truth; whoever writes it says what he believes to find there, and where
/// that isn't so nothing of that write happens: no row, no line of the journal, no message. A write that can't be made never keeps the others
/// of its batch from being made.
/// </summary>
internal interface IRunStore
{
    /// <summary>How many batches it can make durable at once. Of two that may want the same document or start key, one waits for the other: the writer's part.</summary>
    int WritesAtOnce { get; }

    /// <summary>
    /// Makes the writes durable, in one transaction. Each succeeds or not by itself, and its result says so; a run is in the batch at most
    /// once. After an exception any of them may be written or not: the same batch can be given again, and what was written is answered with
    /// <see cref="RunWriteOutcome.WrittenBefore"/> and not written twice.
    /// </summary>
    /// <returns>A result for each write, in their order.</returns>
    Task<IReadOnlyList<RunWriteResult>> WriteAsync(IReadOnlyList<RunWrite> batch, CancellationToken cancellationToken);

    /// <summary>Makes a node the owner of runs that nobody works on. No run is ever given to two: each change of owner makes a new token.</summary>
    /// <returns>The rows as they are now, with their new tokens.</returns>
    Task<IReadOnlyList<OpenRun>> ClaimAsync(RunClaim claim, CancellationToken cancellationToken);

    /// <summary>Gives leases back. Those that the node no longer has stay as they are.</summary>
    Task ReleaseAsync(string owner, IReadOnlyList<RunRelease> releases, CancellationToken cancellationToken);

    /// <summary>The nodes that own runs now.</summary>
    Task<IReadOnlyList<string>> OwnersAsync(CancellationToken cancellationToken);

    /// <summary>The node's runs of which an operator wants something.</summary>
    Task<IReadOnlyDictionary<Id<Workflow>, RunIntent>> IntentsAsync(string owner, CancellationToken cancellationToken);

    /// <summary>
    /// Leaves word for the owner of a run that a node holds; null takes it back. The owner meets it with its next checkpoint or look. Of a
    /// run that nobody holds, nothing is changed and nothing audited: change its row itself, with a <see cref="RunWriteKind.Change"/>.
    /// </summary>
    Task<IntentOutcome> SetIntentAsync(Id<Workflow> run, RunIntent? intent, AuditRecord? audit, CancellationToken cancellationToken);

    /// <summary>The run's row, an <see cref="OpenRun"/> or an <see cref="EndedRun"/>; null where there is none.</summary>
    Task<RunRow?> FindAsync(Id<Workflow> run, CancellationToken cancellationToken);
}

/// <summary>What became of a wish.</summary>
internal enum IntentOutcome
{
    /// <summary>The run's owner will meet it.</summary>
    Left,

    /// <summary>An earlier wish to end the run stands; no other one takes its place.</summary>
    Stands,

    /// <summary>Nobody holds the run.</summary>
    NotHeld,

    /// <summary>There is no open run of that id.</summary>
    NotOpen,
}

/// <summary>What an operator wants of a run that a node holds.</summary>
internal enum IntentKind
{
    /// <summary>Hold it before its next step.</summary>
    Pause,

    /// <summary>End it before its next step; the step under way is told to give up.</summary>
    Cancel,

    /// <summary>The same, and what it did is undone first.</summary>
    Undo,
}

/// <summary>An operator's wish, with who has it and why.</summary>
internal sealed record RunIntent(IntentKind Kind, string By, string? Reason)
{
    public const int LongestReason = 1000;
}
