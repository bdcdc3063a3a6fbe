using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Simulation;

namespace Dox.Workflows.RuleTests;

/// <summary>Runs the tests beside rules: each case is a simulated run whose delays are skipped.</summary>
/// <param name="vocabulary">What the rules may name.</param>
/// <param name="rules">The rules.</param>
public sealed class RuleTestRunner(Vocabulary vocabulary, RuleSet rules)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly RuleSimulator _simulator = new(vocabulary, rules.Rules);

    /// <summary>Runs every case of a file.</summary>
    public async Task<IReadOnlyList<RuleTestResult>> RunAsync(RuleTestFile file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        var results = new List<RuleTestResult>();
        foreach (var one in file.Cases) results.Add(await RunAsync(file, one, cancellationToken));
        return results;
    }

    private async Task<RuleTestResult> RunAsync(RuleTestFile file, RuleTestCase one, CancellationToken cancellationToken)
    {
        var mocks = new MockedSteps(one.Steps, new MockedSteps(one.Shared));
        try
        {
            var result = await _simulator.RunAsync(file.Rule!.Name, one.Start, mocks, cancellationToken);
            return new RuleTestResult(file.FileName, one.Name, one.Line, [.. Problems(one.Expected, result, mocks)]);
        }
        catch (TimeoutException error)
        {
            return new RuleTestResult(file.FileName, one.Name, one.Line, [error.Message]);
        }
    }

    private static IEnumerable<string> Problems(RuleTestExpectation expected, SimulationResult result, MockedSteps mocks)
    {
        var state = result.State;
        if (result.Unknown is { } unknown)
            yield return $"The run came to '{unknown.Path}' (attempt {unknown.Attempt}, line {unknown.Line} of the rule), and the case doesn't say what comes of it. It was given {Json(unknown.Parameters)}.";
        if (expected.Path is not null && !expected.Path.SequenceEqual(result.Path, StringComparer.Ordinal))
            yield return $"The path is {string.Join(" → ", result.Path)}; expected: {string.Join(" → ", expected.Path)}.";
        var actual = JsonNamingPolicy.SnakeCaseLower.ConvertName(state.Status.ToString());
        if (expected.State is not null && expected.State != actual)
            yield return $"The state is {actual}{(state.Error is null ? "" : $" ({state.Error.Code}: {state.Error.Message})")}; expected: {expected.State}.";
        var waits = state.Waits.Select(wait => wait.Step).ToList();
        if (expected.WaitsAt is not null && !waits.Contains(expected.WaitsAt, StringComparer.Ordinal))
            yield return $"The run waits {(waits.Count == 0 ? "nowhere" : $"at '{string.Join("', '", waits)}'")}; expected: at '{expected.WaitsAt}'.";
        if (expected.Outputs is not null)
            foreach (var problem in Differences(expected.Outputs, state.Output, "outputs")) yield return problem;
        if (expected.Error is not null)
            foreach (var problem in Differences(expected.Error, ErrorOf(state.Error), "error")) yield return problem;
        foreach (var (step, parameters) in expected.Calls)
            foreach (var problem in CallProblems(step, parameters, result)) yield return problem;
        if (expected.ElapsedSeconds is { } seconds && Math.Abs(result.Elapsed.TotalSeconds - seconds) > 0.0005)
            yield return string.Create(CultureInfo.InvariantCulture, $"{result.Elapsed.TotalSeconds:0.###} s passed; expected: {seconds:0.###} s.");
        foreach (var (step, mark, left) in mocks.Unused)
            yield return $"The mock of '{step}' (line {mark.Line}) was used {(left == 1 ? "one time" : $"{left} times")} less than it is given.";
    }

    private static JsonObject? ErrorOf(RunError? error) => error is null ? null : new JsonObject
    {
        ["code"] = error.Code,
        ["message"] = error.Message,
        ["step"] = error.Step,
        ["http_status"] = error.HttpStatus,
        ["details"] = error.Details?.DeepClone(),
        ["rejected"] = error.Rejected,
    };

    // A list of parameters is one map for each call, a map is the last call's
    private static IEnumerable<string> CallProblems(string step, JsonNode? expected, SimulationResult result)
    {
        // An answer to a wait is a second entry of the attempt that began it
        var calls = result.Attempts.Where(attempt => attempt.Step == step).DistinctBy(attempt => (attempt.Visit, attempt.Attempt)).Where(attempt => attempt.Input is not null).Select(attempt => attempt.Input!)
            .Concat(result.Calls.Where(call => call.Path != call.Step && (call.Path == step || call.Step == step)).Select(call => call.Parameters)).ToList();
        if (expected is null && calls.Count > 0) return [$"'{step}' was called; expected: not at all."];
        if (expected is null) return [];
        if (expected is JsonArray each && each.Count != calls.Count) return [$"'{step}' was called {calls.Count} times; expected: {each.Count}."];
        if (calls.Count == 0) return [$"'{step}' wasn't called."];
        return expected is JsonArray list
            ? list.SelectMany((one, i) => Differences(one, calls[i], $"calls.{step}[{i}]"))
            : Differences(expected, calls[^1], $"calls.{step}");
    }

    /// <summary>Of maps only the keys that are expected count; everything else must be equal.</summary>
    private static IEnumerable<string> Differences(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject map when actual is JsonObject given:
                return map.SelectMany(entry => Differences(entry.Value, given[entry.Key], $"{path}.{entry.Key}"));
            case JsonArray list when actual is JsonArray items && list.Count == items.Count:
                return list.SelectMany((item, i) => Differences(item, items[i], $"{path}[{i}]"));
            default:
                var equal = JsonValues.TryDouble(expected) is { } number && expected?.GetValueKind() == JsonValueKind.Number
                    ? actual?.GetValueKind() == JsonValueKind.Number && JsonValues.TryDouble(actual) == number
                    : JsonNode.DeepEquals(expected, actual);
                return equal ? [] : [$"{path} is {Json(actual)}; expected: {Json(expected)}."];
        }
    }

    private static string Json(JsonNode? node)
    {
        var text = node?.ToJsonString(Readable) ?? "null";
        return text.Length <= 500 ? text : text[..497] + "...";
    }
}

/// <summary>What came of one case.</summary>
/// <param name="FileName">The file of tests.</param>
/// <param name="Case">The case's name.</param>
/// <param name="Line">Where it stands.</param>
/// <param name="Problems">What wasn't as expected; none: it passed.</param>
public sealed record RuleTestResult(string FileName, string Case, int Line, IReadOnlyList<string> Problems)
{
    /// <summary>Everything was as expected.</summary>
    public bool Passed => Problems.Count == 0;
}
