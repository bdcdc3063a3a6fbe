using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Actions;

/// <summary><c>validate_data</c>: a value against a schema that stands in the rule.</summary>
internal sealed class ValidateData(DataSchema schema, Template data) : StepOperation
{
    public static readonly BuiltInAction Definition = new(
        "validate_data", "Checks a value against a schema (type, required, properties, items, enum, minimum, maximum, min_length, max_length).",
        [new VocabularyParameter("schema", Required: true), new VocabularyParameter("data", Required: true)], Compile);

    public override bool IsImmediate => true;

    public override IReadOnlyList<string> Produces => ["valid", "data"];

    public override IEnumerable<Expression> Expressions => data.Expressions;

    public override JsonObject Bind(EvaluationScope scope) => new() { ["data"] = data.Evaluate(scope) };

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var value = call.Parameters["data"];
        schema.Check(value, "data", problems);
        if (problems.Count == 0) return new(StepOutcome.Success(new JsonObject { ["valid"] = true, ["data"] = value?.DeepClone() }));
        var details = new JsonObject { ["valid"] = false, ["problems"] = new JsonArray([.. problems.Select(problem => (JsonNode)problem)]) };
        return new(StepOutcome.Failure("data_invalid", string.Join("; ", problems), 422, details, retryable: false));
    }

    private static ValidateData? Compile(StepSource step) =>
        step.Map?["schema"] is { } schema && step.Map["data"] is { } data && DataSchema.Read(schema, step.Bag) is { } compiled
            ? new ValidateData(compiled, step.Templates.Compile(data))
            : null;
}
