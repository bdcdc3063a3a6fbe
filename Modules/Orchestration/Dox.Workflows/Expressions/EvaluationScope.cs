using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Expressions;

/// <summary>
/// The names that an expression can read. <c>input</c>, <c>steps</c>, <c>configuration</c> and <c>run</c> come first; then what is local to
/// the moment (an error's details), then what steps produced, then the keys of the input, then the configuration. Anything else is null.
/// </summary>
internal sealed class EvaluationScope(Rule rule, RunState state, DateTimeOffset now, string seed)
{
    private JsonObject? _run;

    /// <summary>One reading of the clock for the whole step.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>What ids made while evaluating are derived from, so that a step that runs again names the same ones.</summary>
    public string Seed { get; } = seed;

    private JsonObject? Locals { get; init; }

    private string? ErrorText { get; init; }

    public EvaluationScope With(string name, JsonNode? value) =>
        new(rule, state, Now, Seed) { Locals = new JsonObject { [name] = value }, ErrorText = ErrorText };

    /// <summary>
    /// Adds a failure: <c>error</c> with its parts, <c>error_message</c>, its details by name, and any other <c>…_error</c> as its message,
    /// which is how rules fill in <c>{validation_error}</c>.
    /// </summary>
    public EvaluationScope WithError(StepError error, string step)
    {
        var locals = error.Details is JsonObject details ? (JsonObject)details.DeepClone() : [];
        locals["error"] = new JsonObject
        {
            ["code"] = error.Code,
            ["message"] = error.Message,
            ["http_status"] = error.HttpStatus,
            ["step"] = step,
            ["details"] = error.Details?.DeepClone(),
        };
        locals["error_message"] = error.Message;
        return new EvaluationScope(rule, state, Now, Seed) { Locals = locals, ErrorText = error.Message };
    }

    public JsonNode? Lookup(string name)
    {
        switch (name)
        {
            case "input": return state.Input;
            case "steps": return GatherSteps();
            case "configuration": return rule.SharedConfiguration;
            case "run": return _run ??= DescribeRun();
        }

        if (Locals is not null && Locals.TryGetPropertyValue(name, out var local)) return local;
        if (state.Context.TryGetValue(name, out var produced)) return produced;
        if (state.Input is JsonObject inputs && inputs.TryGetPropertyValue(name, out var given)) return given;
        if (rule.SharedConfiguration.TryGetPropertyValue(name, out var constant)) return constant;
        return ErrorText is not null && name.EndsWith("_error", StringComparison.Ordinal) ? JsonValue.Create(ErrorText) : null;
    }

    /// <summary>The result of one step, without gathering all of them.</summary>
    public JsonNode? LookupStep(string name) => state.Steps.TryGetValue(name, out var result) ? result.Output : null;

    private JsonObject GatherSteps()
    {
        var steps = new JsonObject();
        foreach (var (name, result) in state.Steps) steps[name] = result.Output?.DeepClone();
        return steps;
    }

    private JsonObject DescribeRun()
    {
        var run = state.Facts is null ? [] : (JsonObject)state.Facts.DeepClone();
        run["id"] = state.RunId;
        run["rule"] = rule.Name;
        run["version"] = rule.Version;
        run["service"] = rule.Service;
        run["started_at"] = state.StartedAt.UtcDateTime.ToString("O");
        if (state.Error is { } error) run["error"] = new JsonObject { ["code"] = error.Code, ["message"] = error.Message, ["http_status"] = error.HttpStatus, ["step"] = error.Step };
        run["now"] = Now.UtcDateTime.ToString("O");
        return run;
    }
}
