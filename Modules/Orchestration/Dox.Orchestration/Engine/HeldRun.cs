using System.Buffers;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Engine;

/// <summary>A run that this node has the lease of, or is about to create: its state in memory, and what a checkpoint must still find in its row.</summary>
internal sealed class HeldRun
{
    // Set by who waits for it; most runs have nobody who does.
    private TaskCompletionSource? _rest;
    private TaskCompletionSource? _checkpoint;

    public required RunHeader Header { get; init; }

    public Id<Workflow> Id => Header.Id;

    public string Account => Header.Account;

    public Id<Document>? DocumentId => Header.DocumentId;

    public string? TraceParent => Header.TraceParent;

    public required Rule Rule { get; init; }

    public required RunState State { get; init; }

    /// <summary>The fencing token that this node's writes carry.</summary>
    public long Token { get; init; } = 1;

    /// <summary>How often a node died while it had this run, since its last checkpoint.</summary>
    public int Recoveries { get; set; }

    /// <summary>Whether this node has still the lease, or the run waits without one.</summary>
    public bool IsLeased { get; set; } = true;

    public int JournalLength { get; set; }

    public byte[] JournalHash { get; set; } = [];

    /// <summary>What an operator wants of it, as the last checkpoint or look said.</summary>
    public RunIntent? Intent { get; set; }

    /// <summary>Of the step that is under way; null while none is.</summary>
    public CancellationTokenSource? Step { get; set; }

    /// <summary>Tells the step that is under way to give up.</summary>
    public void GiveUpStep()
    {
        try
        {
            Step?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It came to its end just now.
        }
    }

    /// <summary>The attempt that was told to give up: it counts as not made, and nobody knows whether it had its effect.</summary>
    public StepAttempt GivenUp(DateTimeOffset now)
    {
        var path = State.RollingBack ? State.Compensations[^1].Step : State.Cursor!;
        var step = Rule.FindStep(path)!;
        var began = Write.UpdatedAt > State.StartedAt ? Write.UpdatedAt : State.StartedAt;
        var visits = State.Steps.TryGetValue(path, out var known) ? known.Visit : 0;
        return new StepAttempt
        {
            Step = path,
            Action = State.RollingBack ? step.CompensatingAction! : step.Action,
            Undoes = State.RollingBack,
            Visit = State.Attempt == 0 ? visits + 1 : visits,
            Attempt = State.Attempt + 1,
            IdempotencyKey = "",
            Status = StepStatus.Cancelled,
            Error = new StepError("cancelled", "It was told to give up; it may have had its effect all the same.", Retryable: false),
            StartedAt = began,
            DurationMs = (now - began).TotalMilliseconds,
            RuleLine = step.Line,
            Decision = "cancelled while it ran",
        };
    }

    /// <summary>Lines of the journal that wait for the next checkpoint: attempts without effect of a rule that is written down at its ends.</summary>
    public List<JournalEntry> Unwritten { get; } = [];

    /// <summary>What is told with the next checkpoint.</summary>
    public List<OutboxMessage> Untold { get; } = [];

    /// <summary>One for all checkpoints.</summary>
    public RunWrite Write => field ??= new RunWrite { Run = Header };

    /// <summary>What the state is written to; one for all checkpoints.</summary>
    public ArrayBufferWriter<byte> Buffer => field ??= new ArrayBufferWriter<byte>(2048);

    /// <summary>DOX itself, on behalf of whoever started the run: quotas and audit see that one.</summary>
    public Caller Caller => Causation.CallerOf(State, Header.User, Header.Account);

    /// <summary>Completes once this node has nothing more to do with the run: it ended, waits, or belongs to another. Ask before the engine takes it.</summary>
    public Task WhenAtRest() => (_rest ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Completes once its next attempt is kept, or this node has nothing more to do with it. Ask before the engine takes it.</summary>
    public Task WhenCheckpointed() => (_checkpoint ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Its row tells what it came to.</summary>
    public void Checkpointed() => _checkpoint?.TrySetResult();

    /// <summary>The engine is done with it.</summary>
    public void Rest()
    {
        _rest?.TrySetResult();
        Checkpointed();
    }

    /// <summary>A run of the rule that nobody has written down yet.</summary>
    public static HeldRun New(Rule rule, Id<Workflow> id, Caller caller, Id<Document>? document, JsonObject input, string? traceParent, DateTimeOffset now, string team) => new()
    {
        Header = new()
        {
            Id = id,
            Bucket = Bucket.Of(caller.Account),
            Account = caller.Account,
            User = caller.User,
            RuleName = rule.Name,
            RuleVersion = rule.Version,
            RuleHash = rule.Hash,
            Service = rule.Service,
            Priority = (int)rule.Priority,
            DocumentId = document,
            TraceParent = traceParent,
            StartedAt = now,
        },
        Rule = rule,
        State = RunState.Start(rule, id.ToString(), input, now, new JsonObject
        {
            ["account_id"] = caller.Account,
            ["user_id"] = caller.User,
            ["service"] = rule.Service,
            ["team"] = team,
            ["document_id"] = document?.ToString(),
        }),
    };

    /// <summary>A run as its row tells of it.</summary>
    public static HeldRun Of(RunRow row, Rule rule) => new()
    {
        Header = RunHeader.Of(row),
        Rule = rule,
        State = RunStateJson.Read(row.State),
        Token = row.Token,
        Recoveries = row.Recoveries,
        JournalLength = row.JournalLength,
        JournalHash = row.JournalHash,
        Intent = (row as OpenRun)?.Wish,
    };
}
