using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;
using Dox.Workflows.Simulation;

namespace Dox.Workflows.RuleTests;

/// <summary>Reads a file of tests, strictly.</summary>
internal sealed class RuleTestReader(Rule rule, RuleSet rules, DiagnosticBag bag)
{
    private static readonly string[] FileKeys = ["rule", "description", "input", "facts", "now", "steps", "cases"];
    private static readonly string[] CaseKeys = ["name", "description", "input", "facts", "now", "steps", "expect"];
    private static readonly string[] ExpectKeys = ["path", "state", "waits_at", "outputs", "error", "calls", "elapsed_seconds"];
    private static readonly string[] ErrorKeys = ["code", "message", "step", "http_status", "details", "rejected"];
    private static readonly string[] States = [.. Enum.GetValues<RunStatus>().Select(status => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString()))];

    /// <summary>New Year's Day: a time that nobody takes for a real one.</summary>
    private static readonly DateTimeOffset DefaultNow = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly IReadOnlyList<string> _steps = rules.StepsOf(rule);

    public IReadOnlyList<RuleTestCase> Read(YamlMap map)
    {
        StrictFields.Check(map, "A file of tests", FileKeys, bag);
        var shared = map["steps"] is { } steps ? MockReader.Read(steps, _steps, bag) : new Dictionary<string, MockedStep>(StringComparer.Ordinal);
        var cases = new List<RuleTestCase>();
        if (map["cases"] is not YamlList { Items.Count: > 0 } list)
        {
            bag.Error("test-missing-key", map["cases"]?.Mark ?? map.Mark, "A file of tests needs 'cases', a list with at least one.");
            return cases;
        }

        foreach (var item in list.Items)
            if (StrictFields.Map(item, "A case", bag) is { } one && ReadCase(one, map, shared) is { } read)
            {
                if (cases.Any(other => other.Name == read.Name)) bag.Error("test-bad-value", one["name"]!.Mark, $"A case '{read.Name}' stands here a second time.");
                cases.Add(read);
            }

        return cases;
    }

    private RuleTestCase? ReadCase(YamlMap map, YamlMap file, IReadOnlyDictionary<string, MockedStep> shared)
    {
        StrictFields.Check(map, "A case", CaseKeys, bag);
        var name = StrictFields.Text(map, "name", bag);
        if (string.IsNullOrEmpty(name)) bag.Error("test-missing-key", map.Mark, "A case needs 'name'.");
        if (map["expect"] is not YamlMap expect)
        {
            bag.Error("test-missing-key", map["expect"]?.Mark ?? map.Mark, "A case needs 'expect', a map: without it nothing is tested.");
            return null;
        }

        var facts = (map["facts"] ?? file["facts"])?.ToJson() as JsonObject;
        var start = new SimulationStart((map["input"] ?? file["input"])?.ToJson(), facts, ReadNow(map["now"] ?? file["now"]));
        var steps = map["steps"] is { } mocks ? MockReader.Read(mocks, _steps, bag) : new Dictionary<string, MockedStep>(StringComparer.Ordinal);
        var expected = ReadExpectation(expect);
        return string.IsNullOrEmpty(name) ? null : new RuleTestCase(name, map.Mark.Line, start, steps, shared, expected);
    }

    private DateTimeOffset ReadNow(YamlNode? node)
    {
        if (node is null) return DefaultNow;
        if (node is YamlText text && DateTimeOffset.TryParse(text.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var now)) return now.ToUniversalTime();
        bag.Error("test-bad-value", node.Mark, "'now' must be a time (ISO 8601).");
        return DefaultNow;
    }

    private RuleTestExpectation ReadExpectation(YamlMap map)
    {
        StrictFields.Check(map, "'expect'", ExpectKeys, bag);
        if (map.Entries.Count == 0) bag.Error("test-missing-key", map.Mark, $"'expect' needs at least one of {string.Join(", ", ExpectKeys)}.");
        var state = StrictFields.Text(map, "state", bag);
        if (state is not null && !States.Contains(state, StringComparer.Ordinal)) bag.Error("test-bad-value", map["state"]!.Mark, $"There is no state '{Suggest.Shorten(state)}'.", Suggest.DidYouMean(state, States));
        if (map["error"] is YamlMap error) StrictFields.Check(error, "'error'", ErrorKeys, bag);
        else if (map["error"] is { } other) StrictFields.Map(other, "'error'", bag);
        return new RuleTestExpectation(
            ReadPath(map["path"]), state, ReadWait(map), map["outputs"]?.ToJson(), map["error"]?.ToJson(), ReadCalls(map["calls"]), StrictFields.Number(map, "elapsed_seconds", bag));
    }

    private List<string>? ReadPath(YamlNode? node)
    {
        if (node is null) return null;
        if (node is not YamlList list)
        {
            bag.Error("test-bad-value", node.Mark, $"'path' must be a list of steps, not {node.Kind}.");
            return null;
        }

        return [.. list.Items.Select(item => Known(item) ?? "")];
    }

    private string? ReadWait(YamlMap map) => map["waits_at"] is { } node ? Known(node) : null;

    private string? Known(YamlNode node)
    {
        var name = (node as YamlText)?.Value.Trim();
        if (name is not null && MockReader.IsKnown(name, _steps)) return name;
        bag.Error("test-unknown-step", node.Mark, $"'{rule.Name}' has no step '{Suggest.Shorten(name ?? node.Kind)}'.", name is null ? null : Suggest.DidYouMean(name, _steps));
        return null;
    }

    private List<(string, JsonNode?)> ReadCalls(YamlNode? node)
    {
        var calls = new List<(string, JsonNode?)>();
        if (node is null || StrictFields.Map(node, "'calls'", bag) is not { } map) return calls;
        foreach (var entry in map.Entries)
            if (Known(entry.Key) is { } step) calls.Add((step, entry.Value.ToJson()));
        return calls;
    }
}
