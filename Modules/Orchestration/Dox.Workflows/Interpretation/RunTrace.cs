using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>A condition of the rule that was looked at, and what it found.</summary>
/// <param name="Expression">As it stands in the rule.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Holds">Whether it held; null where it couldn't be evaluated.</param>
/// <param name="Values">What it read, by path.</param>
/// <param name="Leads">Where it leads when it holds.</param>
public sealed record Reading(string Expression, int Line, bool? Holds, IReadOnlyDictionary<string, JsonNode?> Values, string? Leads = null);

/// <summary>
/// Follows a run along its journal: what each decision rested on is told from what the journal says, so that nothing need be noted while the run
/// is under way. In the end the state has what a run had that came there.
/// </summary>
/// <param name="rule">The rule whose steps are followed; attempts of steps that it doesn't have are passed over.</param>
/// <param name="state">A run before its first step. It is changed.</param>
public sealed class RunTrace(Rule rule, RunState state)
{
    private readonly Dictionary<string, RunState> _lanes = new(StringComparer.Ordinal);

    /// <summary>Takes the next attempt in.</summary>
    /// <returns>The conditions that were looked at, in their order.</returns>
    public IReadOnlyList<Reading> Follow(StepAttempt attempt)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        if (rule.FindStep(attempt.Step) is not { } step) return [];
        var readings = new List<Reading>();
        var at = StateAt(attempt.Step);
        if (attempt.Attempt <= 1 && step.When is { } when) readings.Add(Read(when, step.Line, at, attempt, "the step"));
        foreach (var lane in _lanes.Keys.Where(lane => lane.StartsWith($"{attempt.Step}/", StringComparison.Ordinal)).ToList()) _lanes.Remove(lane);
        at.Steps[step.Name] = new StepResult
        {
            Status = attempt.Status,
            Output = attempt.Output,
            Error = attempt.Error,
            StartedAt = attempt.StartedAt,
            DurationMs = attempt.DurationMs,
            Attempts = attempt.Attempt,
            Visit = attempt.Visit,
        };
        if (attempt.Status == StepStatus.Success)
        {
            RuleInterpreter.Merge(at, step, attempt.Output?.DeepClone());
            ReadBranches(step, at, attempt, readings);
        }
        else if (attempt is { Status: StepStatus.Failed, Error: { } error } && step.Retry?.When is { } again)
        {
            readings.Add(Read(again, step.Line, at, attempt, "another attempt", error));
        }

        return readings;
    }

    /// <summary>Takes an operator's change of the context in.</summary>
    public void Alter(JsonObject patch) => RuleInterpreter.Alter(state, patch);

    /// <summary>The run goes on from the step.</summary>
    /// <exception cref="ArgumentException">The rule has no such step of its own.</exception>
    public void GoOnFrom(string step)
    {
        if (rule.Steps.All(own => own.Name != step)) throw new ArgumentException($"{rule} has no step '{step}'.", nameof(step));
        state.Cursor = step;
    }

    private void ReadBranches(RuleStep step, RunState at, StepAttempt attempt, List<Reading> readings)
    {
        if (JsonValues.TryBoolean(attempt.Output) is { } answer && (answer ? step.Routes.TruePath : step.Routes.FalsePath) is not null) return;
        foreach (var branch in step.Routes.Branches)
        {
            if (branch.When is null) return;
            readings.Add(Read(branch.When, branch.Line, at, attempt, branch.To.Text));
            if (branch.Line == attempt.DecisionLine) return;
        }
    }

    private Reading Read(Expression expression, int line, RunState at, StepAttempt attempt, string leads, StepError? error = null)
    {
        var scope = new EvaluationScope(Place.OfRun(rule, at), attempt.StartedAt, attempt.IdempotencyKey);
        if (error is not null) scope = scope.WithError(error, attempt.Step);
        bool? holds;
        try
        {
            holds = expression.IsTrue(scope);
        }
        catch (ExpressionException)
        {
            holds = null;
        }

        return new Reading(expression.Source, line, holds, ReadPaths.Of(expression, scope), leads);
    }

    /// <summary>The run, or for a step in a lane the run with the lane's own names laid over it.</summary>
    private RunState StateAt(string path)
    {
        var slash = path.LastIndexOf('/');
        if (slash < 0) return state;
        var lane = path[..slash];
        if (_lanes.TryGetValue(lane, out var known)) return known;
        var outer = lane.LastIndexOf('/') is > 0 and var before ? StateAt(lane[..before]) : state;
        var own = RunState.Start(rule, state.RunId, state.Input, state.StartedAt, state.Facts);
        foreach (var (name, value) in outer.Context) own.Context[name] = value;
        foreach (var (name, result) in outer.Steps) own.Steps[name] = result;
        return _lanes[lane] = own;
    }
}
