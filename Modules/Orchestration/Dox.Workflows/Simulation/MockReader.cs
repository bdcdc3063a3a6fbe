using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Simulation;

/// <summary>Reads mocked outcomes, strictly: a slip in a test would make it say something that nobody meant.</summary>
internal static class MockReader
{
    private static readonly string[] Kinds = ["output", "error", "approve", "reject", "event"];
    private static readonly string[] Keys = [.. Kinds, "after_seconds"];
    private static readonly string[] ErrorKeys = ["code", "message", "http_status", "details", "retryable"];

    public static IReadOnlyDictionary<string, MockedStep> Read(YamlNode node, IReadOnlyCollection<string> known, DiagnosticBag bag)
    {
        var mocks = new Dictionary<string, MockedStep>(StringComparer.Ordinal);
        if (StrictFields.Map(node, "'steps'", bag) is not { } map) return mocks;
        foreach (var entry in map.Entries)
        {
            var name = entry.Key.Value;
            if (!IsKnown(name, known)) bag.Error("test-unknown-step", entry.Key.Mark, $"No step '{Suggest.Shorten(name)}' is there to be mocked.", Suggest.DidYouMean(name, known));
            var outcomes = new List<StepOutcome>();
            var answers = new List<SimulatedAnswer>();
            foreach (var item in entry.Value is YamlList list ? list.Items : [entry.Value]) ReadOne(item, outcomes, answers, bag);
            mocks[name] = new MockedStep(entry.Key.Mark, entry.Value is YamlList, outcomes, answers);
        }

        return mocks;
    }

    /// <summary>A step's name, or a path from a step to one in its lanes or in the rule inside it.</summary>
    public static bool IsKnown(string name, IReadOnlyCollection<string> known)
    {
        if (known.Contains(name, StringComparer.Ordinal)) return true;
        var parts = name.Split('/');
        return parts.Length > 2 && known.Contains(parts[0], StringComparer.Ordinal) && known.Contains(parts[^1], StringComparer.Ordinal);
    }

    private static void ReadOne(YamlNode node, List<StepOutcome> outcomes, List<SimulatedAnswer> answers, DiagnosticBag bag)
    {
        if (node is YamlText { IsNull: true })
        {
            outcomes.Add(StepOutcome.Success());
            return;
        }

        if (StrictFields.Map(node, "An outcome", bag) is not { } map) return;
        StrictFields.Check(map, "An outcome", Keys, bag);
        if (Kinds.Count(kind => map[kind] is not null) > 1) bag.Error("test-bad-value", map.Mark, $"An outcome has one of {string.Join(", ", Kinds)}.");
        var after = TimeSpan.FromSeconds(StrictFields.Number(map, "after_seconds", bag) ?? 0);
        if (map["error"] is { } error) outcomes.Add(ReadError(error, bag));
        else if (map["approve"] is { } approve) answers.Add(new SimulatedAnswer(WaitDecision.Done, ResultOf(approve, bag), "approved", after));
        else if (map["reject"] is { } reject) answers.Add(new SimulatedAnswer(WaitDecision.Refused, null, (reject as YamlText)?.Value ?? "rejected", after));
        else if (map["event"] is { } happened) answers.Add(new SimulatedAnswer(WaitDecision.Done, ResultOf(happened, bag), "the event came", after));
        else outcomes.Add(StepOutcome.Success(map["output"]?.ToJson()));
    }

    private static JsonObject ResultOf(YamlNode node, DiagnosticBag bag) => node is YamlText { IsNull: true }
        ? []
        : StrictFields.Map(node, "What a person or an event brings", bag)?.ToJson() as JsonObject ?? [];

    private static StepOutcome ReadError(YamlNode node, DiagnosticBag bag)
    {
        if (StrictFields.Map(node, "'error'", bag) is not { } map) return StepOutcome.Failure("failed", "failed");
        StrictFields.Check(map, "An error", ErrorKeys, bag);
        if ((map["code"] as YamlText)?.Value is not { Length: > 0 } code)
        {
            bag.Error("test-missing-key", map.Mark, "An error needs 'code'.");
            code = "failed";
        }

        return StepOutcome.Failure(
            code, (map["message"] as YamlText)?.Value ?? code, (int?)StrictFields.Number(map, "http_status", bag), map["details"]?.ToJson(),
            map["retryable"] is not { } retryable || JsonValues.TryBoolean(retryable.ToJson()) != false);
    }
}

/// <summary>Reads maps in which every key counts.</summary>
internal static class StrictFields
{
    public static YamlMap? Map(YamlNode node, string what, DiagnosticBag bag)
    {
        if (node is YamlMap map) return map;
        bag.Error("test-bad-value", node.Mark, $"{what} must be a map, not {node.Kind}.");
        return null;
    }

    public static void Check(YamlMap map, string what, IReadOnlyCollection<string> keys, DiagnosticBag bag)
    {
        foreach (var entry in map.Entries)
            if (!keys.Contains(entry.Key.Value, StringComparer.Ordinal))
                bag.Error("test-unknown-key", entry.Key.Mark, $"{what} has no key '{Suggest.Shorten(entry.Key.Value)}'.", Suggest.DidYouMean(entry.Key.Value, keys) ?? $"the keys are {string.Join(", ", keys)}");
    }

    public static double? Number(YamlMap map, string key, DiagnosticBag bag)
    {
        if (map[key] is not { } node) return null;
        var number = JsonValues.TryDouble(node.ToJson());
        if (number is null) bag.Error("test-bad-value", node.Mark, $"'{key}' must be a number.");
        return number;
    }

    public static string? Text(YamlMap map, string key, DiagnosticBag bag)
    {
        if (map[key] is not { } node) return null;
        if (node is YamlText text) return text.Value.Trim();
        bag.Error("test-bad-value", node.Mark, $"'{key}' must be a text, not {node.Kind}.");
        return null;
    }
}
