using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests.Simulation;

public sealed class BacktestTests
{
    private const string Steps = """
          - { name: Look, action: look, params: { at: "{ISO8601} {UUID}" }, output: seen, retry: { base_delay_ms: 1000 } }
          - name: Decide
            action: custom_logic
            params: { logic: seen.score }
            output: score
            branches:
              - { when: score > limit, to: workflow_complete }
              - { to: Ask }
          - { name: Ask, action: manual_intervention, params: { team: Document, subject: "Is {score} enough?" }, output: decision }
          - { name: Write, action: update_memory, params: { file: A.json, update: { at: "{ISO8601}" } }, output: written }
        """;

    private readonly TestVocabulary _tests = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static string RuleOf(double limit, string version = "1.0.0", string steps = Steps) =>
        TestVocabulary.RuleOf(steps, FormattableString.Invariant($"configuration: {{ limit: {limit} }}\noutput: {{ score: \"{{score}}\", decision: \"${{ decision?.by ?? null }}\" }}")).Replace("1.0.0", version, StringComparison.Ordinal);

    private RuleSimulator Simulator(string yaml) => new(_tests.Vocabulary, [_tests.Parse(yaml)]);

    /// <summary>Runs version 1.0.0 for real, with a person who says yes after an hour.</summary>
    private async Task<RecordedRun> Record(double score, bool approves = true)
    {
        _tests.Script("Look", StepOutcome.Failure("away", "Away."), StepOutcome.Success(new JsonObject { ["score"] = score }));
        var rule = _tests.Parse(RuleOf(0.8));
        var state = RunState.Start(rule, $"wf_{score}", new JsonObject(), _clock.GetUtcNow());
        var services = new RecordingServices { LongestPause = TimeSpan.Zero };
        var interpreter = new RuleInterpreter(_clock);
        var journal = services.Attempts;
        for (var i = 0; i < 20 && !state.HasEnded; i++)
        {
            await interpreter.AdvanceAsync(rule, state, services, CancellationToken.None);
            if (state.WakeAt is { } wakeAt) _clock.SetUtcNow(wakeAt);
            if (state.Waits.FirstOrDefault() is not { Kind: WaitKind.Human } wait) continue;
            _clock.Advance(TimeSpan.FromHours(1));
            journal.Add(interpreter.Answer(rule, state, new WaitAnswer(wait.Step, wait.Visit, approves ? WaitDecision.Done : WaitDecision.Refused, new JsonObject { ["by"] = "usr_7" }, "because"))!);
        }

        return new RecordedRun(state, [.. journal]);
    }

    [TestCase(0.9, true)]
    [TestCase(0.5, true)]
    [TestCase(0.5, false)]
    public async Task Same_version_over_its_own_run_comes_to_the_same(double score, bool approves)
    {
        var run = await Record(score, approves);
        var result = await new Backtest(Simulator(RuleOf(0.8))).CompareAsync("test_rule", run);
        Assert.That(result, Is.EqualTo(new BacktestResult(run.State.RunId, BacktestVerdict.Same, RunOutcome.Of(run.State), RunOutcome.Of(run.State), [], null, null)).Using<BacktestResult>((left, right) => left.Verdict == right.Verdict && left.Before == right.Before && left.After == right.After));
    }

    [Test]
    public async Task Outcome_that_flips_is_told_with_the_line_that_decides()
    {
        var result = await new Backtest(Simulator(RuleOf(0.95, "1.1.0"))).CompareAsync("test_rule", await Record(0.9));
        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo(BacktestVerdict.Flipped));
            Assert.That((result.Before.State, result.After!.State, result.After.WaitsAt), Is.EqualTo(("success", "waiting_for_human", "Ask")));
            Assert.That((result.DecidedBy!.Step, result.DecidedBy.Decision, result.DecidedBy.Instead), Is.EqualTo(("Decide", "otherwise: Ask", "score > limit: workflow_complete")));
            Assert.That(RuleOf(0.95).Split('\n')[result.DecidedBy.Line - 1].Trim(), Is.EqualTo("- { to: Ask }"));
        });
    }

    [Test]
    public async Task Step_that_was_never_run_is_unknown()
    {
        var changed = Steps.Replace("to: workflow_complete }", "to: Write }", StringComparison.Ordinal);
        var result = await new Backtest(Simulator(RuleOf(0.8, "1.1.0", changed))).CompareAsync("test_rule", await Record(0.9));
        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo(BacktestVerdict.Unknown));
            Assert.That(result.UnknownStep!.Step, Is.EqualTo("Write"));
            Assert.That(result.DecidedBy!.Step, Is.EqualTo("Decide"));
        });
    }

    [Test]
    public async Task Step_with_other_parameters_is_unknown()
    {
        var result = await new Backtest(Simulator(RuleOf(0.8, "1.1.0", Steps.Replace("{ISO8601} {UUID}", "somewhere else", StringComparison.Ordinal)))).CompareAsync("test_rule", await Record(0.9));
        Assert.That((result.Verdict, result.UnknownStep!.Step), Is.EqualTo((BacktestVerdict.Unknown, "Look")));
    }

    [Test]
    public async Task Person_who_would_be_asked_something_else_has_not_answered()
    {
        var result = await new Backtest(Simulator(RuleOf(0.8, "1.1.0", Steps.Replace("Is {score} enough?", "Really?", StringComparison.Ordinal)))).CompareAsync("test_rule", await Record(0.5));
        Assert.That((result.Verdict, result.UnknownStep!.Step), Is.EqualTo((BacktestVerdict.Unknown, "Ask")));
    }

    [Test]
    public async Task Time_that_a_step_writes_down_makes_it_no_other_step()
    {
        var run = await Record(0.5);
        var later = new RecordedRun(run.State, [.. run.Journal.Select(entry => entry with { StartedAt = entry.StartedAt.AddMilliseconds(7) })]);
        Assert.That((await new Backtest(Simulator(RuleOf(0.8))).CompareAsync("test_rule", later)).Verdict, Is.EqualTo(BacktestVerdict.Same));
    }

    [Test]
    public async Task Two_versions_that_never_ran_are_compared_over_what_is_known()
    {
        var result = await new Backtest(Simulator(RuleOf(0.95, "1.2.0")), Simulator(RuleOf(0.85, "1.1.0"))).CompareAsync("test_rule", await Record(0.9));
        Assert.That((result.Verdict, result.Before.State, result.After!.State), Is.EqualTo((BacktestVerdict.Flipped, "success", "waiting_for_human")));
    }

    [Test]
    public async Task Output_that_changes_is_named_by_its_key()
    {
        var changed = RuleOf(0.8, "1.1.0").Replace("score: \"{score}\"", "score: \"${ score * 100 }\"", StringComparison.Ordinal);
        var result = await new Backtest(Simulator(changed)).CompareAsync("test_rule", await Record(0.9));
        Assert.That((result.Verdict, result.Before == result.After, string.Join(',', result.ChangedOutputs)), Is.EqualTo((BacktestVerdict.Flipped, true, "score")));
    }

    [Test]
    public async Task Nothing_is_called()
    {
        var run = await Record(0.5);
        var calls = _tests.Calls.Count;
        await new Backtest(Simulator(RuleOf(0.8))).CompareAsync("test_rule", run);
        Assert.That(_tests.Calls, Has.Count.EqualTo(calls));
    }
}
