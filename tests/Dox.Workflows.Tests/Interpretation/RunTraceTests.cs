using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Interpretation;

public sealed class RunTraceTests
{
    private const string Branching = """
          - { name: Match, action: look, output: match }
          - name: Decide
            action: look
            when: "match.confidence > 0"
            branches:
              - { when: "match.confidence > limit", to: Accept }
              - { when: "0.5 <= match.confidence <= limit && steps['Match'].pages.includes(2)", to: Review }
              - { to: Reject }
          - { name: Accept, action: look, on_success: workflow_complete }
          - { name: Review, action: look, on_success: workflow_complete }
          - { name: Reject, action: look }
        """;

    private static async Task<RunFixture> Ran()
    {
        var run = new RunFixture(Branching, "configuration: { limit: 0.85 }");
        run.Tests.Script("Match", StepOutcome.Success(JsonNode.Parse("""{ "confidence": 0.72, "pages": [1, 2] }""")));
        await run.Advance();
        return run;
    }

    private static RunTrace TraceOf(RunFixture run, out RunState state)
    {
        state = RunState.Start(run.Rule, "run", new JsonObject(), run.Clock.GetUtcNow());
        return new RunTrace(run.Rule, state);
    }

    [Test]
    public async Task Values_that_a_decision_rested_on_are_told_from_the_journal()
    {
        var run = await Ran();
        var trace = TraceOf(run, out _);
        var readings = run.Services.Attempts.Select(trace.Follow).ToList();
        Assert.That(run.Services.Path, Is.EqualTo(new[] { "Match:Success", "Decide:Success", "Review:Success" }));
        Assert.Multiple(() =>
        {
            Assert.That(readings[0], Is.Empty);
            Assert.That(readings[1].Select(r => (r.Expression, r.Holds)), Is.EqualTo(new (string, bool?)[]
            {
                ("match.confidence > 0", true), ("match.confidence > limit", false), ("0.5 <= match.confidence <= limit && steps['Match'].pages.includes(2)", true),
            }));
            Assert.That(readings[1][1].Values.Select(v => $"{v.Key}={v.Value}"), Is.EqualTo(new[] { "match.confidence=0.72", "limit=0.85" }));
            Assert.That(readings[1][2].Values.Keys, Is.EquivalentTo(new[] { "match.confidence", "limit", "steps['Match'].pages" }));
            Assert.That(readings[1][2].Leads, Is.EqualTo("Review"));
        });
    }

    [Test]
    public async Task Trace_ends_with_what_the_run_had()
    {
        var run = await Ran();
        var trace = TraceOf(run, out var state);
        foreach (var attempt in run.Services.Attempts.Take(2)) trace.Follow(attempt);
        trace.Alter(new JsonObject { ["more"] = 1 });
        trace.GoOnFrom("Accept");
        Assert.Multiple(() =>
        {
            Assert.That(state.Cursor, Is.EqualTo("Accept"));
            Assert.That(state.Context["match"]!["confidence"]!.GetValue<double>(), Is.EqualTo(0.72));
            Assert.That(state.Context["more"]!.GetValue<int>(), Is.EqualTo(1));
            Assert.That(state.Steps.Keys, Is.EqualTo(new[] { "Match", "Decide" }));
            Assert.That(() => trace.GoOnFrom("Nowhere"), Throws.ArgumentException);
        });
        await run.Interpreter.AdvanceAsync(run.Rule, state, run.Services, CancellationToken.None);
        Assert.That(state.Status, Is.EqualTo(RunStatus.Success));
    }

    [Test]
    public void Graph_has_every_step_and_every_way()
    {
        var graph = RuleGraph.Of(new RunFixture(Branching, "configuration: { limit: 0.85 }").Rule);
        Assert.Multiple(() =>
        {
            Assert.That(graph.Nodes.Select(n => n.Id), Is.EqualTo(new[] { "Match", "Decide", "Accept", "Review", "Reject", "success", "failed" }));
            Assert.That(graph.Edges.Where(e => e.From == "Decide").Select(e => $"{e.Kind} {e.Label} -> {e.To}"), Is.EqualTo(new[]
            {
                "branch match.confidence > limit -> Accept", "branch 0.5 <= match.confidence <= limit && steps['Match'].pages.includes(2) -> Review", "branch otherwise -> Reject",
                "failure fail -> failed",
            }));
        });
    }

    [Test]
    public void Lanes_are_drawn_inside_their_step()
    {
        var rule = new RunFixture("""
              - name: Each
                action: for_each
                params: { items: "${ [1, 2] }", as: item, steps: [{ name: Look, action: look }] }
              - name: Fan
                action: parallel
                params: { branches: [{ name: left, steps: [{ name: Look, action: look }] }] }
            """).Rule;
        var graph = RuleGraph.Of(rule);
        Assert.Multiple(() =>
        {
            Assert.That(graph.Nodes.Select(n => (n.Id, n.Lane)), Is.EqualTo(new (string, string?)[]
            {
                ("Each", null), ("Each/*/Look", "Each/*"), ("Each/end", null), ("Fan", null), ("Fan/left/Look", "Fan/left"), ("Fan/end", null), ("success", null), ("failed", null),
            }));
            Assert.That(RuleGraph.IdOf(rule, "Each/7/Look"), Is.EqualTo("Each/*/Look"));
            Assert.That(RuleGraph.IdOf(rule, "Fan/left/Look"), Is.EqualTo("Fan/left/Look"));
            Assert.That(RuleGraph.IdOf(rule, "Each"), Is.EqualTo("Each"));
        });
    }
}
