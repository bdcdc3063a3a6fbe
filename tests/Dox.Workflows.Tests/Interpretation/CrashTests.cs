using System.Text.Json.Nodes;
using CsCheck;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Workflows.Tests.Interpretation;

/// <summary>A node that dies at any checkpoint is followed by one that knows nothing but the last state written: the end must be the same.</summary>
public sealed class CrashTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static IEnumerable<TestCaseData> Uploads()
    {
        yield return new TestCaseData("auto_accepted", WaitDecision.Done, RunStatus.Success).SetName("Sure_match");
        yield return new TestCaseData("human_review", WaitDecision.Done, RunStatus.Success).SetName("Approved_review");
        yield return new TestCaseData("needs_ocr", WaitDecision.Refused, RunStatus.Failed).SetName("Rejected_selection");
    }

    [TestCaseSource(nameof(Uploads))]
    public async Task Shipped_upload_rule_ends_alike_wherever_a_node_dies(string decision, WaitDecision answer, RunStatus expected)
    {
        var whole = await Run(Make, null, answer);
        Assert.That(whole.Status, Is.EqualTo(expected));
        for (var death = 0; death < whole.Checkpoints; death++)
        {
            var at = death;
            var crashed = await Run(Make, count => count == at, answer);
            Assert.That(crashed with { Checkpoints = 0 }, Is.EqualTo(whole with { Checkpoints = 0 }), $"died at checkpoint {death}");
        }

        (Rule, Func<string, Rule?>, JsonNode) Make(TestVocabulary tests)
        {
            var rules = ShippedRules.Load(tests);
            ShippedRules.ScriptTheGoodCase(tests, decision);
            return (rules.Find("process_document_upload")!, rules.Find, ShippedRules.Input);
        }
    }

    [Test]
    public async Task Random_rules_end_alike_wherever_a_node_dies() =>
        await Gen.Select(RandomRules.Rule, Gen.Int[0, 12]).SampleAsync(
            async sample =>
            {
                var (yaml, death) = sample;
                var whole = await Run(Make, null, WaitDecision.Done);
                var crashed = await Run(Make, count => count == death, WaitDecision.Done);
                Assert.That(crashed with { Checkpoints = 0 }, Is.EqualTo(whole with { Checkpoints = 0 }), yaml);

                (Rule, Func<string, Rule?>, JsonNode) Make(TestVocabulary tests)
                {
                    RandomRules.AddFlaky(tests);
                    return (tests.Parse(yaml), _ => null, new JsonObject { ["n"] = 1 });
                }
            },
            iter: 300);

    /// <summary>What others can see of a run: how it ended, its path, and each effect's key once.</summary>
    private sealed record Ending(RunStatus Status, string Error, string Output, string Path, string Effects, int Checkpoints);

    private static async Task<Ending> Run(Func<TestVocabulary, (Rule, Func<string, Rule?>, JsonNode)> make, Func<int, bool>? dieAt, WaitDecision answer)
    {
        var tests = new TestVocabulary();
        var (rule, find, input) = make(tests);
        var clock = new FakeTimeProvider(Start);
        var interpreter = new RuleInterpreter(clock);
        var services = new RecordingServices { LongestPause = TimeSpan.Zero, Rules = find };
        var died = false;
        services.DieAt = count => !died && dieAt is not null && dieAt(count) && (died = true);
        var state = RunState.Start(rule, "run", input, clock.GetUtcNow());
        var kept = RunStateJson.WriteText(state);
        while (true)
        {
            // Who may die reads anew every time, as another node would; the run that it is compared with never leaves the memory
            if (dieAt is not null) state = RunStateJson.Read(kept);
            try
            {
                if (state.Wait is { Kind: WaitKind.Human } wait)
                {
                    var line = interpreter.Answer(rule, state, new WaitAnswer(wait.Step, wait.Visit, answer, new JsonObject { ["template_id"] = "t" }, "said so"));
                    await services.CheckpointAsync(rule, state, line!, true, CancellationToken.None);
                }
                else
                {
                    await interpreter.AdvanceAsync(rule, state, services, CancellationToken.None);
                }
            }
            catch (NodeDiedException)
            {
                // Whatever it knew beyond the last checkpoint is gone
            }

            kept = services.Checkpoints.Count > 0 ? services.Checkpoints[^1] : kept;
            if (dieAt is not null) state = RunStateJson.Read(kept);
            if (state.HasEnded)
            {
                return new Ending(state.Status, state.Error?.Message ?? "", state.Output?.ToJsonString() ?? "",
                    string.Join(" ", services.Attempts.Select(attempt => $"{attempt.IdempotencyKey}:{attempt.Attempt}:{attempt.Status}")), string.Join(" ", tests.Calls.Select(call => call.Key).Distinct(StringComparer.Ordinal)), services.Checkpoints.Count);
            }

            if (state.WakeAt is { } wakeAt && wakeAt > clock.GetUtcNow()) clock.SetUtcNow(wakeAt);
        }
    }
}
