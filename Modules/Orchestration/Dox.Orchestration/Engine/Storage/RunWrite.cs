using Dox.Orchestration.Documents;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine.Storage;

/// <summary>What a write is.</summary>
internal enum RunWriteKind
{
    /// <summary>A run that isn't kept yet, with its document and its start keys where it has them.</summary>
    Start,

    /// <summary>A kept, open run: by its owner a checkpoint, or by anybody where it has no owner.</summary>
    Change,

    /// <summary>An ended run that is open again.</summary>
    Reopen,
}

/// <summary>
/// One run as it is to stand, with what is told and noted with it. What changes between the checkpoints of a run is set anew each time, so
/// that one object serves them all.
/// </summary>
internal sealed class RunWrite
{
    public required RunHeader Run { get; init; }

    public RunWriteKind Kind { get; set; }

    /// <summary>What the row must still say, or nothing is written. A start expects that there is no row.</summary>
    public RunGuard Expected { get; set; }

    public RunStatus Status { get; set; }

    public string? CurrentStep { get; set; }

    /// <summary>The state as JSON (UTF-8). Read while it is being written, and never afterwards: the buffer is used again.</summary>
    public ReadOnlyMemory<byte> State { get; set; }

    /// <summary>At most as long as the column; see <see cref="RunRow.Shorten"/>.</summary>
    public string? Error { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Set where the run is at its end: its row moves to the ended ones.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Who holds it from now on; null: nobody.</summary>
    public string? Owner { get; set; }

    /// <summary>The token from now on.</summary>
    public long Token { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    public int Recoveries { get; set; }

    /// <summary>What an operator wanted was done: the wish is taken from the row.</summary>
    public bool IntentIsMet { get; set; }

    /// <summary>Length of the journal with this write's lines, and the last line's hash.</summary>
    public int JournalLength { get; set; }

    public byte[] JournalHash { get; set; } = [];

    /// <summary>What is noted; at least one, but for a start. By the last one's hash a repeated write is known.</summary>
    public List<JournalEntry> Entries { get; } = [];

    /// <summary>What leaves the module with it.</summary>
    public List<OutboxMessage> Messages { get; } = [];

    /// <summary>Of an end: what the memory banks are to be told of it, as JSON.</summary>
    public string? BankNote { get; set; }

    /// <summary>Of a start: the document that is accepted with the run.</summary>
    public DocumentRecord? Document { get; set; }

    /// <summary>Of a start: the keys of which none may be taken; two at most.</summary>
    public IReadOnlyList<StartKey> Keys { get; set; } = [];

    /// <summary>
    /// Whether the run goes on elsewhere as soon as this is durable: an operator's write of a run that nobody holds. Reported as failed and given
    /// again, it is known by its line in the journal, however far the run has come.
    /// </summary>
    public bool IsLetGo => Owner is null && (Kind == RunWriteKind.Reopen || (Kind == RunWriteKind.Change && Expected.Owner is null));

    /// <summary>Whether it may want what another start wants too: a document's content, or a key.</summary>
    public bool MayCollide => Document is not null || Keys.Count > 0;

    /// <summary>What the module's audit notes of it.</summary>
    public AuditRecord? Audit { get; set; }
}

/// <summary>What a writer believes to find in a run's row.</summary>
internal readonly record struct RunGuard(string? Owner, long Token, int JournalLength);

/// <summary>How a write fared.</summary>
internal enum RunWriteOutcome
{
    /// <summary>It is durable.</summary>
    Written,

    /// <summary>It was durable already: an earlier attempt was reported as failed, and wasn't.</summary>
    WrittenBefore,

    /// <summary>The row isn't what was expected (another owner, another token, a longer journal, or gone). Nothing was written.</summary>
    Stale,

    /// <summary>A start whose id, key or document is taken. Nothing was written.</summary>
    Conflict,
}

/// <summary>What came of a write.</summary>
/// <param name="Outcome">How it fared.</param>
/// <param name="Intent">What an operator wants of the run, as its row said when it was written.</param>
internal readonly record struct RunWriteResult(RunWriteOutcome Outcome, RunIntent? Intent = null)
{
    public bool IsWritten => Outcome is RunWriteOutcome.Written or RunWriteOutcome.WrittenBefore;
}
