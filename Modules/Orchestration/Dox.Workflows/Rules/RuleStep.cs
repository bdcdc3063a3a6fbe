using Dox.Workflows.Actions;
using Dox.Workflows.Expressions;

namespace Dox.Workflows.Rules;

/// <summary>A step of a rule, compiled.</summary>
public sealed class RuleStep
{
    internal RuleStep()
    {
    }

    /// <summary>Its name, unique in the rule.</summary>
    public required string Name { get; init; }

    /// <summary>Its place in the file, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>What it does.</summary>
    public required string Action { get; init; }

    /// <summary>1-based line of the file.</summary>
    public required int Line { get; init; }

    /// <summary>1-based column of the file.</summary>
    internal int Column { get; init; } = 1;

    /// <summary>The attempt is given up after this long; null: the interpreter's bound.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The name that its result gets in the context; null: the result's keys are merged into it.</summary>
    public string? Output { get; init; }

    /// <summary>It changes something outside the run.</summary>
    public bool HasEffect => Operation.HasEffect;

    /// <summary>Of a <c>parallel</c>: its branches. Of a <c>for_each</c>: the steps for each item. Else empty.</summary>
    public IReadOnlyList<RuleBody> Bodies => (Operation as FanOutOperation)?.Bodies ?? [];

    internal StepOperation Operation { get; init; } = null!;

    internal Expression? When { get; init; }

    internal RetryPlan? Retry { get; init; }

    internal StepOperation? Compensate { get; init; }

    /// <summary>The action of its compensation; null where it has none.</summary>
    public string? CompensatingAction { get; init; }

    internal Template? ErrorMessage { get; init; }

    /// <summary>The steps that a lane follows; null when there is no such lane.</summary>
    internal RuleBody? BodyOf(string lane) => (Operation as FanOutOperation)?.BodyOf(lane);

    /// <summary>Set once all steps are read: they name each other.</summary>
    internal StepRoutes Routes { get; set; } = StepRoutes.Unresolved;
}

/// <summary>Where a step leads.</summary>
internal sealed record StepRoutes(Route Success, Route Failure, IReadOnlyList<Branch> Branches, Route? TruePath, Route? FalsePath)
{
    public static readonly StepRoutes Unresolved = new(Route.Fail, Route.Fail, [], null, null);
}

/// <summary>One way out of a step, taken when its condition holds; without one, always.</summary>
internal sealed record Branch(Expression? When, Route To, int Line);

internal enum RouteKind
{
    Step,
    Complete,
    Policy,
}

/// <summary>A resolved target: a step, the end, or a policy.</summary>
internal sealed record Route(RouteKind Kind, int Step, FailurePolicy? Policy, string Text, int Line)
{
    public static readonly Route Fail = new(RouteKind.Policy, -1, FailurePolicy.Fail, "fail", 0);

    public static Route ToStep(int index, string name, int line) => new(RouteKind.Step, index, null, name, line);

    public static Route ToEnd(string text, int line) => new(RouteKind.Complete, -1, null, text, line);

    public static Route ToPolicy(FailurePolicy policy, string text, int line) => new(RouteKind.Policy, -1, policy, text, line);
}

internal enum PolicyKind
{
    Retry,
    SkipStep,
    Escalate,
    Rollback,
    ManualIntervention,
    RejectRequest,
    Fail,
}

/// <summary>What to do about a failure.</summary>
internal sealed record FailurePolicy(PolicyKind Kind)
{
    public static readonly FailurePolicy Fail = new(PolicyKind.Fail);

    /// <summary>Of reject_request: what the HTTP caller is answered.</summary>
    public Template? Status { get; init; }

    /// <summary>What the error says, in place of the step's own words.</summary>
    public Template? Message { get; init; }

    /// <summary>Of manual_intervention: the team that is asked.</summary>
    public Template? Team { get; init; }

    /// <summary>Of retry.</summary>
    public RetryPlan? Retry { get; init; }

    /// <summary>Of retry: what is done when the last attempt failed too.</summary>
    public FailurePolicy? Then { get; init; }

    public string Name => Kind switch
    {
        PolicyKind.Retry => "retry",
        PolicyKind.SkipStep => "skip_step",
        PolicyKind.Escalate => "escalate",
        PolicyKind.Rollback => "rollback",
        PolicyKind.ManualIntervention => "manual_intervention",
        PolicyKind.RejectRequest => "reject_request",
        _ => "fail",
    };
}

/// <summary>How often and when a step is tried again. The attempts are counted with the first: a rule's <c>max_attempts: 3</c> is 4 here.</summary>
internal sealed record RetryPlan(int MaxAttempts, bool Exponential, int BaseDelayMs, int MaxDelayMs, bool Jitter, Expression? When, int Factor)
{
    /// <summary>One try and three more, after 100, 300 and 900 ms.</summary>
    public static readonly RetryPlan Default = new(4, true, 100, 60_000, false, null, 3);

    /// <summary>The delay before the attempt that follows the given one. Jitter comes from the run's id: a run that is taken over waits the same.</summary>
    public TimeSpan DelayAfter(int attempt, string seed)
    {
        var delay = Exponential ? BaseDelayMs * Math.Pow(Factor, attempt - 1) : BaseDelayMs;
        delay = Math.Min(delay, MaxDelayMs);
        if (Jitter) delay *= 0.5 + StableFraction($"{seed}/{attempt}") / 2;
        return TimeSpan.FromMilliseconds(delay);
    }

    private static double StableFraction(string text)
    {
        var hash = 2166136261u;
        foreach (var character in text) hash = (hash ^ character) * 16777619u;
        return hash / (double)uint.MaxValue;
    }
}
