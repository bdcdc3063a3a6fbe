using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Dox.Workflows.Interpretation;

/// <summary>
/// All that a run is: whoever has this and the rule that it names can go on with it. It changes only between two step attempts, so that what
/// was written at a checkpoint is whole. Serialised by <see cref="RunStateJson"/> in snake_case.
/// </summary>
#pragma warning disable MA0016 // The interpreter fills these collections, and the generated serialiser needs to know what to make
public sealed class RunState : Track
{
    private JsonObject? _everything;

    /// <summary>The run's id, chosen by who starts it (<c>wf_…</c>).</summary>
    public required string RunId { get; init; }

    /// <summary>Name of the rule.</summary>
    public required string RuleName { get; init; }

    /// <summary>Version of the rule.</summary>
    public required string RuleVersion { get; init; }

    /// <summary>Content hash of the rule: a run goes on only with the very text that it started with.</summary>
    public required string RuleHash { get; init; }

    /// <summary>When it was started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What the run was started with; its keys can be read as names.</summary>
    public JsonNode? Input { get; init; }

    /// <summary>What the host knows about the run (account_id, user_id, team…); read as <c>run.account_id</c>.</summary>
    public JsonObject? Facts { get; init; }

    /// <summary>The rule's output, once the run succeeded: what the rule says, or else everything that its steps produced.</summary>
    [JsonIgnore]
    public JsonNode? Output => StatedOutput ?? (Status == RunStatus.Success && !StatesOutput ? _everything ??= Everything() : null);

    /// <summary>What the rule's own <c>output</c> made; where it has none, nothing is kept beside <see cref="Track.Context"/>.</summary>
    [JsonInclude]
    [JsonPropertyName("output")]
    internal JsonNode? StatedOutput { get; set; }

    /// <summary>The rule has an <c>output</c>, which may be null.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal bool StatesOutput { get; set; }

    /// <summary>What <c>rollback</c> will undo, the newest last.</summary>
    public List<Compensation> Compensations { get; init; } = [];

    /// <summary>The run is undoing what it did.</summary>
    public bool RollingBack { get; set; }

    /// <summary>How many lanes it has had, so that there is an end to them.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int LaneCount { get; set; }

    /// <summary>What was undone is no longer there: its steps can't be gone on from.</summary>
    public bool IsUndone { get; set; }

    /// <summary>An operator cancelled it: once all is undone it ends cancelled, not failed.</summary>
    public bool EndsCancelled { get; set; }

    /// <summary>Why the step at the cursor is to be passed over, as an operator wants; null where it isn't.</summary>
    public string? SkipNext { get; set; }

    /// <summary>Where it stood when an operator paused it; null while it isn't paused.</summary>
    public RunStatus? PausedFrom { get; set; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Everything that the run waits for, in its lanes too.</summary>
    [JsonIgnore]
    public IEnumerable<Wait> Waits => WaitsOf(this);

    /// <summary>The latest results of its steps, and of those in lanes that are followed now, by path.</summary>
    [JsonIgnore]
    public IEnumerable<(string Path, StepResult Result)> StepsByPath => StepsOf(this, "");

    /// <summary>It is run inside a step of another run and kept nowhere; its time stands still, since the whole of it may run again.</summary>
    [JsonIgnore]
    internal bool IsInline { get; set; }

    /// <summary>A new run of a rule, before its first step.</summary>
    /// <param name="rule">What to run.</param>
    /// <param name="runId">The run's id; part of every idempotency key.</param>
    /// <param name="input">What the run is given. It belongs to the run afterwards.</param>
    /// <param name="startedAt">Now.</param>
    /// <param name="facts">What the host knows about the run.</param>
    public static RunState Start(Rules.Rule rule, string runId, JsonNode? input, DateTimeOffset startedAt, JsonObject? facts = null) => new()
    {
        RunId = runId,
        RuleName = rule.Name,
        RuleVersion = rule.Version,
        RuleHash = rule.Hash,
        StartedAt = startedAt,
        Input = input,
        Facts = facts,
        Cursor = rule.Steps[0].Name,
        Context = new Dictionary<string, JsonNode?>(rule.Steps.Count, StringComparer.Ordinal),
        Steps = new Dictionary<string, StepResult>(rule.Steps.Count, StringComparer.Ordinal),
    };

    private static IEnumerable<(string Path, StepResult Result)> StepsOf(Track track, string prefix)
    {
        foreach (var (name, result) in track.Steps) yield return (prefix + name, result);
        foreach (var lane in track.FanOut?.Lanes ?? [])
            foreach (var step in StepsOf(lane, $"{prefix}{track.FanOut!.Step}/{lane.Name}/")) yield return step;
    }

    internal static IEnumerable<Wait> WaitsOf(Track track)
    {
        if (track.Wait is { } own) yield return own;
        foreach (var lane in track.FanOut?.Lanes ?? [])
            foreach (var wait in WaitsOf(lane)) yield return wait;
    }
}

/// <summary>Where a run stands. Success and cancelled are final; an operator may reopen failed and escalated.</summary>
public enum RunStatus
{
    /// <summary>Accepted; no step was run.</summary>
    Pending,

    /// <summary>Going on.</summary>
    Running,

    /// <summary>Waits to try a step again.</summary>
    Retry,

    /// <summary>An operator holds it.</summary>
    Paused,

    /// <summary>A person must decide.</summary>
    WaitingForHuman,

    /// <summary>A timer, an event or an absent part holds it.</summary>
    Waiting,

    /// <summary>Given up to the team, who was told.</summary>
    Escalated,

    /// <summary>All done.</summary>
    Success,

    /// <summary>Failed or refused; the error says why.</summary>
    Failed,

    /// <summary>An operator ended it.</summary>
    Cancelled,
}

/// <summary>How a step ended.</summary>
public enum StepStatus
{
    /// <summary>It did what it should.</summary>
    Success,

    /// <summary>It failed; the run dealt with it as its rule says.</summary>
    Failed,

    /// <summary>Its <c>when</c> was false, or its failure was skipped.</summary>
    Skipped,

    /// <summary>It waits.</summary>
    Waiting,

    /// <summary>Its lane wasn't needed any more.</summary>
    Cancelled,
}

/// <summary>The latest result of a step.</summary>
public sealed record StepResult
{
    /// <summary>How it ended.</summary>
    public required StepStatus Status { get; init; }

    /// <summary>What it returned; read as <c>steps["its name"]</c>.</summary>
    public JsonNode? Output { get; init; }

    /// <summary>Why it failed.</summary>
    public StepError? Error { get; init; }

    /// <summary>When its first attempt began, UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>From its first attempt to its end, waiting included, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>How many attempts it took.</summary>
    public int Attempts { get; init; }

    /// <summary>Which visit this was, from 1.</summary>
    public int Visit { get; init; }
}

/// <summary>Why a step failed.</summary>
/// <param name="Code">Stable, snake_case.</param>
/// <param name="Message">For a person.</param>
/// <param name="HttpStatus">What a service answered, or what an HTTP caller should be answered.</param>
/// <param name="Details">More, for a program.</param>
/// <param name="Retryable">Whether trying again can help.</param>
public sealed record StepError(string Code, string Message, int? HttpStatus = null, JsonNode? Details = null, bool Retryable = true);

/// <summary>Why a run isn't going on.</summary>
/// <param name="Code">Stable, snake_case: the step's, or <c>rejected</c>, <c>no_branch_matches</c>…</param>
/// <param name="Message">For a person.</param>
/// <param name="Step">The path of the step that decided it.</param>
/// <param name="HttpStatus">What an HTTP caller that waits should be answered.</param>
/// <param name="Details">More, for a program: findings, a service's answer.</param>
/// <param name="Rejected">The request was refused, by <c>reject_request</c>.</param>
public sealed record RunError(string Code, string Message, string? Step = null, int? HttpStatus = null, JsonNode? Details = null, bool Rejected = false);

/// <summary>What a run waits for. Step and visit name it: an answer to an earlier wait is not taken for this one's.</summary>
/// <param name="Kind">Who ends it.</param>
/// <param name="Step">The path of the step that waits: its name, in a lane with the names before it (<c>Fan out/invoices/Check</c>).</param>
/// <param name="Visit">Its visit.</param>
/// <param name="Data">What is asked: a review's team, subject and evidence; an event's name; what is absent.</param>
/// <param name="Since">When the waiting began, UTC.</param>
/// <param name="FromPolicy">A failure opened it (policy manual_intervention): an approval stands for the step's success.</param>
public sealed record Wait(WaitKind Kind, string Step, int Visit, JsonObject? Data, DateTimeOffset Since, bool FromPolicy = false);

/// <summary>Who ends a wait.</summary>
public enum WaitKind
{
    /// <summary>The clock.</summary>
    Timer,

    /// <summary>An event.</summary>
    Event,

    /// <summary>A person.</summary>
    Human,

    /// <summary>A run that this one started: the step is tried again when it wakes, and finds it ended or not.</summary>
    Workflow,

    /// <summary>A part that isn't there (the scanner): the step is tried again when it wakes.</summary>
    AbsentPart,
}

/// <summary>What undoes a step that was done.</summary>
/// <param name="Step">The step's path.</param>
/// <param name="Visit">Its visit.</param>
/// <param name="Parameters">The compensating action's parameters, filled in when the step was done.</param>
public sealed record Compensation(string Step, int Visit, JsonObject? Parameters);

/// <summary>A failed step that is being run again by a <c>retry_logic</c> step; both are named as in their own list of steps.</summary>
/// <param name="Step">The step that failed.</param>
/// <param name="By">The step that runs it again.</param>
/// <param name="Attempts">How often at most.</param>
/// <param name="BaseDelayMs">The first delay.</param>
/// <param name="Exponential">Whether the delay doubles.</param>
public sealed record Rerun(string Step, string By, int Attempts, int BaseDelayMs, bool Exponential);
