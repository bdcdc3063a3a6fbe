using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Actions;

/// <summary>An action whose steps are followed side by side, in lanes. The interpreter follows them; this says how many there are, and what becomes of their results.</summary>
internal abstract class FanOutOperation(IReadOnlyList<RuleBody> bodies) : StepOperation
{
    /// <summary>Lanes of one step that are followed at once.</summary>
    public const int MostAtOnce = 64;

    /// <summary>Lanes of all nested steps that are followed at once.</summary>
    public const int MostNestedAtOnce = 256;

    /// <summary>How deep lanes may lie in lanes.</summary>
    public const int Deepest = 4;

    /// <summary>What the lanes follow: each its own, or all the same.</summary>
    public IReadOnlyList<RuleBody> Bodies { get; } = bodies;

    /// <summary>How many lanes are followed at once, at most.</summary>
    public abstract int AtOnce { get; }

    public override bool HasEffect { get; } = bodies.Any(body => body.Steps.Any(step => step.HasEffect));

    /// <summary>How many lanes may be followed at once in it, those of steps in its lanes included.</summary>
    public int NestedAtOnce => AtOnce * Math.Max(1, Bodies.Max(body => body.Steps.Max(step => (step.Operation as FanOutOperation)?.NestedAtOnce ?? 0)));

    /// <summary>Whether what a lane does first may be to start another run.</summary>
    public bool BeginsRuns { get; } = bodies.Any(body => body.Steps is [{ Operation: RunWorkflow or FanOutOperation { BeginsRuns: true } }, ..]);

    public abstract RuleBody? BodyOf(string lane);

    public abstract RuleBody BodyOf(Lane lane);

    public abstract string NameOf(int lane);

    /// <summary>The lanes for these parameters, none of them begun.</summary>
    /// <exception cref="StepParameterException">There can't be such lanes.</exception>
    public abstract FanOut Begin(StepMoment moment, JsonObject parameters, int visitsFrom);

    /// <summary>What the journal shows as the step's parameters.</summary>
    public abstract JsonObject Describe(FanOut fan);

    /// <summary>The step's result.</summary>
    public abstract JsonNode Collect(FanOut fan);

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Lanes are followed by the interpreter.");

    protected static DateTimeOffset? Until(StepMoment moment) => moment.Step.Timeout is { } limit ? moment.StartedAt + limit : null;
}
