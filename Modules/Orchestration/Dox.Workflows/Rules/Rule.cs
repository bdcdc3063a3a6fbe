using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;

namespace Dox.Workflows.Rules;

/// <summary>Whether a rule runs in its caller's request or is kept by an engine.</summary>
public enum RuleMode
{
    /// <summary>Durable: survives the process.</summary>
    Orchestrated,

    /// <summary>In the caller's process and request; nothing is kept.</summary>
    Embedded,
}

/// <summary>How often a durable run is written down.</summary>
public enum RuleDurability
{
    /// <summary>After every step.</summary>
    Step,

    /// <summary>Only where an effect, a wait or the end demands it; steps between may run again.</summary>
    Ends,
}

/// <summary>Which runs are taken first.</summary>
public enum RulePriority
{
    /// <summary>Before all others.</summary>
    High,

    /// <summary>The default.</summary>
    Medium,

    /// <summary>After all others.</summary>
    Low,
}

/// <summary>A rule, compiled: immutable, shared by every run of it, identified by name, version and content hash.</summary>
public sealed class Rule
{
    private readonly JsonObject _configuration;

    internal Rule(RuleBody body, JsonObject configuration)
    {
        Body = body;
        _configuration = configuration;
    }

    /// <summary>snake_case; with <see cref="Version"/> it identifies the rule.</summary>
    public required string Name { get; init; }

    /// <summary>Semantic version.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the text, lower-case hex: an edit never changes a run that has begun.</summary>
    public required string Hash { get; init; }

    /// <summary>The text that it was compiled from.</summary>
    public required string Source { get; init; }

    /// <summary>Where the text came from.</summary>
    public required string FileName { get; init; }

    /// <summary>The owner.</summary>
    public required string Service { get; init; }

    /// <summary>What it is for.</summary>
    public required string Description { get; init; }

    /// <summary>Which runs are taken first.</summary>
    public required RulePriority Priority { get; init; }

    /// <summary>Whether it is kept.</summary>
    public required RuleMode Mode { get; init; }

    /// <summary>How often it is written down.</summary>
    public required RuleDurability Durability { get; init; }

    /// <summary>How much of it may go on at once.</summary>
    public RuleLimits Limits { get; init; } = RuleLimits.None;

    /// <summary>What starts it; any of them does.</summary>
    public required IReadOnlyList<RuleTrigger> Triggers { get; init; }

    /// <summary>What must hold before a run starts.</summary>
    public required IReadOnlyList<RuleCondition> Conditions { get; init; }

    /// <summary>The steps, with what they return.</summary>
    public RuleBody Body { get; }

    /// <summary>The steps, in the order of the file; those of lanes stand in them (<see cref="RuleStep.Bodies"/>).</summary>
    public IReadOnlyList<RuleStep> Steps => Body.Steps;

    /// <summary>Every step, those of lanes included.</summary>
    public IEnumerable<RuleStep> AllSteps => StepsOf(Body);

    /// <summary>Constants for expressions: a copy, the rule's own can't be changed.</summary>
    public JsonObject Configuration => (JsonObject)_configuration.DeepClone();

    /// <summary>What is written into memory banks when a run ends.</summary>
    internal IReadOnlyList<MemoryUpdateTemplate> MemoryUpdates { get; init; } = [];

    /// <summary>The names that a run is given, where the rule says so with <c>input: [a, b]</c>.</summary>
    public IReadOnlyList<string> InputNames { get; init; } = [];

    internal JsonObject SharedConfiguration => _configuration;

    /// <summary>The step at a path, or null: its name, in a lane with the names before it (<c>Fan out/invoices/Check</c>).</summary>
    public RuleStep? FindStep(string path)
    {
        var body = Body;
        while (true)
        {
            var slash = path.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0) return body.Find(path);
            var lane = path.IndexOf('/', slash + 1);
            if (lane < 0 || body.Find(path[..slash])?.BodyOf(path[(slash + 1)..lane]) is not { } inner) return null;
            (body, path) = (inner, path[(lane + 1)..]);
        }
    }

    private static IEnumerable<RuleStep> StepsOf(RuleBody body)
    {
        foreach (var step in body.Steps)
        {
            yield return step;
            foreach (var inner in step.Bodies)
                foreach (var deeper in StepsOf(inner)) yield return deeper;
        }
    }

    /// <summary>Name and version.</summary>
    public override string ToString() => $"{Name} {Version}";
}

/// <summary>What starts a rule.</summary>
/// <param name="Type">Kind of trigger.</param>
/// <param name="Source">As it is written.</param>
/// <param name="Line">Where it stands.</param>
public sealed record RuleTrigger(RuleTriggerType Type, string Source, int Line)
{
    /// <summary>Of an api_request: the HTTP method, upper case.</summary>
    public string? Method { get; init; }

    /// <summary>Of an api_request: the path.</summary>
    public string? Path { get; init; }

    /// <summary>Of a schedule: five fields, UTC.</summary>
    public string? Cron { get; init; }

    /// <summary>Of a schedule: what becomes of a firing while a run of the rule is open.</summary>
    public RuleOverlap Overlap { get; init; }

    /// <summary>Of a schedule: what becomes of firings that came while nobody ran.</summary>
    public RuleCatchUp CatchUp { get; init; } = RuleCatchUp.Last;

    /// <summary>Of an event or a cascade: the event's or the rule's name.</summary>
    public string? Name { get; init; }
}

/// <summary>What becomes of a firing while a run of the rule is open.</summary>
public enum RuleOverlap
{
    /// <summary>It is left out.</summary>
    Skip,

    /// <summary>It waits for that run's end; of several that wait, the newest stays.</summary>
    Queue,

    /// <summary>It starts a run beside it.</summary>
    Allow,
}

/// <summary>What becomes of firings that came while nobody ran.</summary>
public enum RuleCatchUp
{
    /// <summary>They are left out.</summary>
    None,

    /// <summary>The last of them is made up for.</summary>
    Last,

    /// <summary>Each is made up for, the newest thousand.</summary>
    All,
}

/// <summary>Kinds of triggers.</summary>
public enum RuleTriggerType
{
    /// <summary>An HTTP request.</summary>
    ApiRequest,

    /// <summary>An event.</summary>
    Event,

    /// <summary>A cron expression.</summary>
    Schedule,

    /// <summary>A person or another rule.</summary>
    Manual,

    /// <summary>Another rule's end.</summary>
    Cascade,
}

/// <summary>What must hold before a run starts.</summary>
/// <param name="Type">file_validation, service_ready, user_permission, rate_limit, dependency_ready or custom_logic.</param>
/// <param name="Check">What is checked, as it is written.</param>
/// <param name="Line">Where it stands.</param>
public sealed record RuleCondition(string Type, string Check, int Line)
{
    /// <summary>Of a custom_logic condition whose check is an expression.</summary>
    internal Expression? Expression { get; init; }
}

/// <summary>A file to update and what to put into it, before a run filled it in.</summary>
internal sealed record MemoryUpdateTemplate(string File, MapTemplate Update, int Line);
