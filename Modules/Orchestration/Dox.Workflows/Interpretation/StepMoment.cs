using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>One attempt while it is being made and dealt with; in the end it becomes a line of the journal.</summary>
internal sealed class StepMoment(Rule rule, RunState state, RuleStep step, int visit, int attempt, DateTimeOffset now, string keySuffix = "")
{
    private EvaluationScope? _scope;

    public Rule Rule { get; } = rule;

    public RunState State { get; } = state;

    public RuleStep Step { get; } = step;

    public int Visit { get; } = visit;

    public int Attempt { get; } = attempt;

    public DateTimeOffset Now { get; } = now;

    public string Key { get; } = $"{state.RunId}/{step.Name}/{visit}{keySuffix}";

    public EvaluationScope Scope => _scope ??= new EvaluationScope(Rule, State, Now, Key);

    public JsonObject? Input { get; set; }

    public string? Decision { get; set; }

    public int? DecisionLine { get; set; }

    /// <summary>The step's time began here: at the first attempt of the visit.</summary>
    public DateTimeOffset Began =>
        State.Steps.TryGetValue(Step.Name, out var known) && known.Visit == Visit ? known.StartedAt : Now;

    public void Decide(string decision, int? line)
    {
        Decision = Decision is null ? decision : $"{Decision}; {decision}";
        DecisionLine ??= line;
    }

    public StepAttempt ToAttempt(DateTimeOffset ended) => ToAttempt(ended, State.Steps[Step.Name]);

    public StepAttempt ToAttempt(DateTimeOffset ended, StepResult result) => new()
    {
        Step = Step.Name,
        Action = Step.Action,
        Visit = Visit,
        Attempt = Attempt,
        IdempotencyKey = Key,
        Status = result.Status,
        Input = Input,
        Output = result.Output,
        Error = result.Error,
        StartedAt = Now,
        DurationMs = (ended - Now).TotalMilliseconds,
        RuleLine = Step.Line,
        Decision = Decision,
        DecisionLine = DecisionLine,
    };
}
