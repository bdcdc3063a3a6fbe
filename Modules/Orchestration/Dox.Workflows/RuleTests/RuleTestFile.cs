using System.Text.Json.Nodes;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;
using Dox.Workflows.Simulation;

namespace Dox.Workflows.RuleTests;

/// <summary>The tests beside a rule: <c>NAME.tests.yaml</c>.</summary>
/// <param name="FileName">The file's name.</param>
/// <param name="Rule">The rule that is tested; null when it isn't there.</param>
/// <param name="Cases">The cases; none when there is a problem.</param>
/// <param name="Problems">What can't be read, with its place.</param>
public sealed record RuleTestFile(string FileName, Rule? Rule, IReadOnlyList<RuleTestCase> Cases, IReadOnlyList<Diagnostic> Problems)
{
    /// <summary>How the name of such a file ends.</summary>
    public const string Ending = ".tests.yaml";

    /// <summary>Reads the tests of a rule.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="fileName">The file's name; the rule has its name unless the file says <c>rule:</c>.</param>
    /// <param name="rules">The rules, the tested one and those that it runs among them.</param>
    public static RuleTestFile Read(string yaml, string fileName, RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(rules);
        var bag = new DiagnosticBag();
        Rule? rule = null;
        IReadOnlyList<RuleTestCase> cases = [];
        if (YamlLoader.Load(yaml, bag) is { } root && StrictFields.Map(root, "A file of tests", bag) is { } map)
        {
            var name = StrictFields.Text(map, "rule", bag) ?? (fileName.EndsWith(Ending, StringComparison.Ordinal) ? fileName[..^Ending.Length] : Path.GetFileNameWithoutExtension(fileName));
            rule = rules.Find(name);
            if (rule is null) bag.Error("test-unknown-rule", map["rule"]?.Mark ?? map.Mark, $"There is no rule '{Suggest.Shorten(name)}' without errors.", Suggest.DidYouMean(name, rules.Rules.Select(known => known.Name)));
            else cases = new RuleTestReader(rule, rules, bag).Read(map);
        }

        return new RuleTestFile(fileName, rule, bag.HasErrors ? [] : cases, bag.InOrder());
    }
}

/// <summary>One case: what a run is given, what its steps come to, and what is expected.</summary>
public sealed class RuleTestCase
{
    internal RuleTestCase(string name, int line, SimulationStart start, IReadOnlyDictionary<string, MockedStep> steps, IReadOnlyDictionary<string, MockedStep> shared, RuleTestExpectation expected)
    {
        (Name, Line, Start, Steps, Shared, Expected) = (name, line, start, steps, shared, expected);
    }

    /// <summary>Its name, unique in the file.</summary>
    public string Name { get; }

    /// <summary>The line where it stands.</summary>
    public int Line { get; }

    internal SimulationStart Start { get; }

    internal IReadOnlyDictionary<string, MockedStep> Steps { get; }

    internal IReadOnlyDictionary<string, MockedStep> Shared { get; }

    internal RuleTestExpectation Expected { get; }
}

/// <summary>What a case expects. What isn't said isn't checked; of maps only the keys that are written are.</summary>
internal sealed record RuleTestExpectation(
    IReadOnlyList<string>? Path, string? State, string? WaitsAt, JsonNode? Outputs, JsonNode? Error, IReadOnlyList<(string Step, JsonNode? Parameters)> Calls, double? ElapsedSeconds);
