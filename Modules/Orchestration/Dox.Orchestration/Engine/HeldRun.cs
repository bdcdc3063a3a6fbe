using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Engine;

/// <summary>A run that this node has the lease of, or is about to create: its state in memory, and what a checkpoint must still find in its row.</summary>
internal sealed class HeldRun
{
    public required Id<Workflow> Id { get; init; }

    public required string Account { get; init; }

    public required string User { get; init; }

    public required Id<Document>? DocumentId { get; init; }

    public required string? TraceParent { get; init; }

    public required Rule Rule { get; init; }

    public required RunState State { get; init; }

    /// <summary>The fencing token that this node's writes carry.</summary>
    public long Token { get; init; } = 1;

    /// <summary>How often a node died while it had this run, since its last checkpoint.</summary>
    public int Recoveries { get; set; }

    /// <summary>Whether this node has still the lease, or the run waits without one.</summary>
    public bool IsLeased { get; set; } = true;

    public int JournalLength { get; set; }

    public string JournalHash { get; set; } = "";

    /// <summary>Set by who waits for it; most runs have nobody who does.</summary>
    private TaskCompletionSource? _rest;

    /// <summary>Completes once this node has nothing more to do with the run: it ended, waits, or belongs to another. Ask before the engine takes it.</summary>
    public Task WhenAtRest() => (_rest ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The engine is done with it.</summary>
    public void Rest() => _rest?.TrySetResult();

    /// <summary>DOX itself, on behalf of whoever started the run: quotas and audit see that one.</summary>
    public Caller Caller => new(User, Account, [Role.System], []);

    /// <summary>A run of the rule that nobody has written down yet.</summary>
    public static HeldRun New(Rule rule, Id<Workflow> id, Caller caller, Id<Document>? document, JsonObject input, string? traceParent, DateTimeOffset now, string team) => new()
    {
        Id = id,
        Account = caller.Account,
        User = caller.User,
        DocumentId = document,
        TraceParent = traceParent,
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

    /// <summary>A run as its row tells of it, after this node got its lease.</summary>
    public static HeldRun Of(OpenRun row, Rule rule) => new()
    {
        Id = row.Id,
        Account = row.Account,
        User = row.User,
        DocumentId = row.DocumentId,
        TraceParent = row.TraceParent,
        Rule = rule,
        State = RunStateJson.Read(row.State),
        Token = row.Token,
        Recoveries = row.Recoveries,
        JournalLength = row.JournalLength,
        JournalHash = row.JournalHash,
    };
}
