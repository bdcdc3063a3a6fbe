using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests.Interpretation;

/// <summary>A key stands for one question: whoever asks again, after a death or a failure, asks with the same parameters, the time in them included.</summary>
public sealed class SameQuestionTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Ways = ["death", "failure"];

    [TestCaseSource(nameof(Ways))]
    public async Task Step_that_runs_again_sees_the_time_that_it_saw_first(string way)
    {
        var asked = await RunTwiceAsync(way, "  - { name: A, action: look }\n  - { name: B, action: api_call, params: { service: store, body: { at: \"{ISO8601}\", run: \"${ run.now }\" } }, on_failure: retry }");

        Assert.That(asked["run/B/1"], Has.Count.EqualTo(2).And.All.EqualTo(asked["run/B/1"][0]));
    }

    [Test]
    public async Task Rule_inside_a_step_that_runs_again_sees_the_time_that_it_saw_first()
    {
        var asked = await RunTwiceAsync("death", "  - { name: A, action: look }\n  - { name: B, action: run_workflow, params: { rule: inner } }");

        Assert.That(asked.Values.SelectMany(a => a).Count(), Is.EqualTo(2));
        Assert.That(asked.Single().Value.Distinct(StringComparer.Ordinal), Has.Exactly(1).Items);
    }

    /// <summary>Runs the rule; its second attempt comes ten minutes after the first, of which nothing was written or which failed.</summary>
    private static async Task<Dictionary<string, List<string>>> RunTwiceAsync(string way, string steps)
    {
        var tests = new TestVocabulary();
        var inner = tests.Parse(TestVocabulary.RuleOf("  - { name: Slow, action: look }\n  - { name: C, action: api_call, params: { service: store, body: { at: \"{ISO8601}\" } } }", "mode: embedded", "inner"));
        var rule = tests.Parse(TestVocabulary.RuleOf(steps));
        if (way == "failure") tests.Script("B", RunFixture.Fails());
        var clock = new FakeTimeProvider(Start);
        var services = new RecordingServices { LongestPause = TimeSpan.Zero, Rules = name => name == "inner" ? inner : null, DieAt = count => way == "death" && count == 1 };
        var interpreter = new RuleInterpreter(clock);
        var state = RunState.Start(rule, "run", new JsonObject(), clock.GetUtcNow());
        try
        {
            await interpreter.AdvanceAsync(rule, state, services, CancellationToken.None);
        }
        catch (NodeDiedException)
        {
            services.DieAt = _ => false;
        }

        clock.Advance(TimeSpan.FromMinutes(10));
        state = RunStateJson.Read(services.Checkpoints[^1]);
        await interpreter.AdvanceAsync(rule, state, services, CancellationToken.None);
        Assert.That(state.Status, Is.EqualTo(RunStatus.Success), state.Error?.Message);
        return tests.Calls.Where(c => c.Step is "B" or "C").GroupBy(c => c.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(c => c.Parameters.ToJsonString()).ToList(), StringComparer.Ordinal);
    }
}
