using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Simulation;

namespace Dox.Workflows.Tests.Simulation;

public sealed class RuleSimulatorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TestVocabulary _tests = new();

    private async Task<SimulationResult> Simulate(string mocks, string input, params string[] yaml)
    {
        var rules = yaml.Select(text => new RuleParser(_tests.Vocabulary).Parse(text, "rule.yaml").Rule!).ToList();
        var simulator = new RuleSimulator(_tests.Vocabulary, rules);
        var script = MockedSteps.Read(mocks, [.. rules.SelectMany(rule => rule.Steps).Select(step => step.Name), "Parent/First"], out var problems);
        Assert.That(problems.Select(problem => problem.ToString()), Is.Empty);
        return await simulator.RunAsync(rules[0].Name, new SimulationStart(JsonNode.Parse(input), null, Start), script!);
    }

    [Test]
    public async Task Stops_before_a_step_whose_outcome_is_not_known()
    {
        var result = await Simulate("{}", "{}", TestVocabulary.RuleOf("""
              - { name: First, action: custom_logic, params: { logic: "1 + 1" }, output: two }
              - { name: Second, action: look, params: { at: "{two}" } }
            """));
        Assert.Multiple(() =>
        {
            Assert.That(result.Path, Is.EqualTo(new[] { "First" }));
            Assert.That(result.Unknown!.Path, Is.EqualTo("Second"));
            Assert.That(result.Unknown.Parameters["at"]!.GetValue<long>(), Is.EqualTo(2));
            Assert.That(_tests.Calls, Is.Empty);
        });
    }

    [Test]
    public async Task Computes_what_only_computes_and_calls_nothing_else()
    {
        var result = await Simulate("""{ "Second": { "output": { "seen": 42 } } }""", """{"n":21}""", TestVocabulary.RuleOf("""
              - { name: First, action: custom_logic, params: { logic: double(n) }, output: twice }
              - { name: Second, action: look, params: { at: "{twice}" } }
            """));
        Assert.Multiple(() =>
        {
            Assert.That(result.State.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(result.Calls.Single().Parameters["at"]!.GetValue<long>(), Is.EqualTo(42));
            Assert.That(_tests.Calls, Is.Empty);
        });
    }

    [Test]
    public async Task Steps_of_a_rule_inside_a_step_are_mocked_by_path_before_name()
    {
        var parent = TestVocabulary.RuleOf("""
              - { name: Parent, action: run_workflow, params: { rule: child }, output: inner }
              - { name: First, action: look, output: own }
            """);
        var child = TestVocabulary.RuleOf("  - { name: First, action: look, retry: { base_delay_ms: 500 } }", "mode: embedded", "child");
        var result = await Simulate("""{ "First": { "output": { "of": "name" } }, "Parent/First": [{ "error": { "code": "away" } }, { "output": { "of": "path" } }] }""", "{}", parent, child);
        Assert.Multiple(() =>
        {
            Assert.That(result.State.Output!.ToJsonString(), Is.EqualTo("""{"inner":{"of":"path"},"own":{"of":"name"}}"""));
            Assert.That(result.Elapsed, Is.EqualTo(TimeSpan.FromMilliseconds(500)), "a delay inside a step is skipped too");
        });
    }

    [Test, CancelAfter(30_000)]
    public async Task Endless_rule_ends_without_waiting_for_its_delays()
    {
        var result = await Simulate("{}", "{}", TestVocabulary.RuleOf("""
              - { name: First, action: wait, params: { seconds: 86400 } }
              - { name: Second, action: custom_logic, params: { logic: "1" }, on_success: First }
            """));
        Assert.That((result.State.Status, result.State.Error!.Code), Is.EqualTo((RunStatus.Failed, "endless_loop")));
    }

    [Test]
    public async Task Simulating_twice_gives_the_same()
    {
        var rule = TestVocabulary.RuleOf("""
              - { name: First, action: look, params: { at: "{ISO8601} {UUID}" }, retry: { jitter: true, base_delay_ms: 1000 } }
            """);
        var results = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var result = await Simulate("""{ "First": [{ "error": { "code": "away" } }, { "output": 1 }] }""", "{}", rule);
            results.Add($"{result.Elapsed} {string.Join(' ', result.Calls.Select(call => call.Parameters.ToJsonString()))}");
        }

        Assert.That(results[0], Is.EqualTo(results[1]));
    }
}
