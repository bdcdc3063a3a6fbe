using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Actions;

/// <summary><c>data_transform</c>: a map of values, in which <c>source</c> can be read.</summary>
internal sealed class DataTransform(Template source, MapTemplate mappings) : StepOperation
{
    public static readonly BuiltInAction Definition = new(
        "data_transform", "Makes a map from values of the run; inside the mappings, 'source' is the source.",
        [new VocabularyParameter("source"), new VocabularyParameter("mappings", Required: true)], Compile);

    public override bool IsImmediate => true;

    public override IReadOnlyList<string> Produces => [.. mappings.Entries.Select(entry => entry.Key)];

    public override IEnumerable<Expression> Expressions => source.Expressions.Concat(mappings.Expressions);

    public override JsonObject Bind(EvaluationScope scope)
    {
        var value = source.Evaluate(scope);
        return new JsonObject { ["mappings"] = mappings.Evaluate(scope.With("source", value)) };
    }

    public override StepOutcome Compute(EvaluationScope scope, out JsonObject? input)
    {
        input = null;
        if (source == Template.Null) return StepOutcome.Success(mappings.Evaluate(scope));
        var value = source.Evaluate(scope);
        input = new JsonObject { ["source"] = value };
        return StepOutcome.Success(mappings.Evaluate(scope.With("source", value)));
    }

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken) =>
        new(StepOutcome.Success(call.Parameters["mappings"]!.DeepClone()));

    private static DataTransform? Compile(StepSource step)
    {
        if (step.Map?["mappings"] is not YamlMap mappings)
        {
            if (step.Map?["mappings"] is { } other) step.Bag.Warn("bad-value", other.Mark, $"'mappings' must be a map, not {other.Kind}; the step fails when it is run.");
            return null;
        }

        var entries = mappings.Entries.Select(entry => new KeyValuePair<string, Template>(entry.Key.Value, mappings.PicksNames ? step.Templates.Name(entry.Key) : step.Templates.Compile(entry.Value)));
        return new DataTransform(step.Map["source"] is { } source ? step.Templates.Compile(source) : Template.Null, new MapTemplate([.. entries]));
    }
}
