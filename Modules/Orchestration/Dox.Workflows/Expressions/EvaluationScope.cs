using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Expressions;

/// <summary>
/// The names that an expression can read. <c>input</c>, <c>steps</c>, <c>configuration</c> and <c>run</c> come first; then what is local to
/// the moment (an error's details), then what steps produced, those of a lane before those around it, then the keys of the input, then the
/// configuration. Anything else is null.
/// </summary>
internal sealed class EvaluationScope
{
    private readonly Place _place;
    private readonly StepMoment? _moment;
    private readonly string? _seed;
    private string? _localName;
    private JsonNode? _local;
    private JsonObject? _run;

    public EvaluationScope(Place place, StepMoment moment)
    {
        _place = place;
        _moment = moment;
        Now = moment.Now;
    }

    public EvaluationScope(Place place, DateTimeOffset now, string seed)
    {
        _place = place;
        _seed = seed;
        Now = now;
    }

    private EvaluationScope(EvaluationScope other)
    {
        _place = other._place;
        _moment = other._moment;
        _seed = other._seed;
        Now = other.Now;
        ErrorText = other.ErrorText;
        _localName = other._localName;
        _local = other._local;
        Locals = other.Locals;
    }

    /// <summary>One reading of the clock for the whole step.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>What ids made while evaluating are derived from, so that a step that runs again names the same ones.</summary>
    public string Seed => _seed ?? _moment!.Key;

    private JsonObject? Locals { get; init; }

    private string? ErrorText { get; init; }

    public EvaluationScope With(string name, JsonNode? value) => new(this) { _localName = name, _local = value };

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
        return new EvaluationScope(this) { Locals = locals, ErrorText = error.Message };
    }

    public JsonNode? Lookup(string name)
    {
        switch (name)
        {
            case "input": return _place.Run.Input;
            case "steps": return GatherSteps();
            case "configuration": return _place.Rule.SharedConfiguration;
            case "run": return _run ??= DescribeRun();
        }

        if (TryName(name, out var value)) return value;
        return ErrorText is not null && name.EndsWith("_error", StringComparison.Ordinal) ? JsonValue.Create(ErrorText) : null;
    }

    /// <summary>A name that something gave a value, null included.</summary>
    public bool TryName(string name, out JsonNode? value)
    {
        value = _local;
        if (name == _localName) return true;
        if (Locals is not null && Locals.TryGetPropertyValue(name, out value)) return true;
        for (var place = _place; place is not null; place = place.Outer)
            if (place.Track.Context.TryGetValue(name, out value) || place.TryItem(name, out value))
                return true;
        return (_place.Run.Input is JsonObject inputs && inputs.TryGetPropertyValue(name, out value))
            || _place.Rule.SharedConfiguration.TryGetPropertyValue(name, out value);
    }

    /// <summary>The result of one step, without gathering all of them.</summary>
    public JsonNode? LookupStep(string name)
    {
        for (var place = _place; place is not null; place = place.Outer)
            if (place.Track.Steps.TryGetValue(name, out var result))
                return result.Output;
        return null;
    }

    private JsonObject GatherSteps()
    {
        var steps = new JsonObject();
        for (var place = _place; place is not null; place = place.Outer)
            foreach (var (name, result) in place.Track.Steps)
                steps.TryAdd(name, result.Output?.DeepClone());
        return steps;
    }

    private JsonObject DescribeRun()
    {
        var (rule, state) = (_place.Rule, _place.Run);
        var run = state.Facts is null ? [] : (JsonObject)state.Facts.DeepClone();
        run["id"] = state.RunId;
        run["rule"] = rule.Name;
        run["version"] = rule.Version;
        run["service"] = rule.Service;
        run["started_at"] = state.StartedAt.UtcDateTime.ToString("O");
        if (LatestError() is { } error) run["error"] = new JsonObject { ["code"] = error.Code, ["message"] = error.Message, ["http_status"] = error.HttpStatus, ["step"] = error.Step };
        run["now"] = Now.UtcDateTime.ToString("O");
        return run;
    }

    private RunError? LatestError()
    {
        for (var place = _place; place is not null; place = place.Outer)
            if (place.Track.Error is { } error)
                return error;
        return null;
    }
}
