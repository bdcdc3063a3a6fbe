using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Actions;

/// <summary>A step's action with its parameters, compiled.</summary>
internal abstract class StepOperation
{
    /// <summary>It changes something outside the run.</summary>
    public virtual bool HasEffect => false;

    /// <summary>It only computes: no time-out is armed for it.</summary>
    public virtual bool IsImmediate => false;

    /// <summary>The keys of its result, when they are known.</summary>
    public virtual IReadOnlyList<string>? Produces => null;

    /// <summary>Every expression in its parameters.</summary>
    public abstract IEnumerable<Expression> Expressions { get; }

    /// <summary>The parameters, filled in; what the journal shows.</summary>
    public abstract JsonObject Bind(EvaluationScope scope);

    /// <summary>
    /// The result of what only computes, without a call; null: it must be called. What went in is kept where the result doesn't say it anyway.
    /// </summary>
    public virtual StepOutcome? Compute(EvaluationScope scope, out JsonObject? input)
    {
        input = null;
        return null;
    }

    public abstract ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken);
}

/// <summary>An operation whose parameters are one map of values.</summary>
internal abstract class ParameterOperation(MapTemplate parameters) : StepOperation
{
    protected MapTemplate Parameters { get; } = parameters;

    /// <summary>A parameter's value, when no run can change it.</summary>
    public JsonNode? Constant(string parameter) => Parameters[parameter]?.TryConstant(out var value) == true ? value : null;

    public override IEnumerable<Expression> Expressions => Parameters.Expressions;

    public override JsonObject Bind(EvaluationScope scope) => Parameters.Evaluate(scope);
}

/// <summary>An action that the host added.</summary>
internal sealed class HostAction(ActionDefinition action, MapTemplate parameters, IReadOnlyList<string>? produces) : ParameterOperation(parameters)
{
    public override bool HasEffect => action.HasEffect;

    public override IReadOnlyList<string>? Produces => produces;

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) => action.Handler(call, cancellationToken);
}
