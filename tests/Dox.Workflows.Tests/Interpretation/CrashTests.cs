using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Tests.Reference;

namespace Dox.Workflows.Tests.Interpretation;

/// <summary>A node that dies at any checkpoint is followed by one that knows nothing but the last state written: the end must be the same.</summary>
public sealed class CrashTests
{
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

    /// <summary>What others can see of a run: how it ended, its path, and each effect's key once.</summary>
    private sealed record Ending(RunStatus Status, string Error, string Output, string Path, string Effects, int Checkpoints);

    private static async Task<Ending> Run(Func<TestVocabulary, (Rule, Func<string, Rule?>, JsonNode)> make, Func<int, bool>? dieAt, WaitDecision answer)
    {
        var tests = new TestVocabulary();
        var (rule, find, input) = make(tests);
        var run = await new RunToEnd(rule, _ => answer == WaitDecision.Refused, dieAt, find, input, new JsonObject { ["template_id"] = "t" }).ToEnd();
        var state = run.State;
        return new Ending(state.Status, state.Error?.Message ?? "", state.Output?.ToJsonString() ?? "",
            string.Join(" ", run.Services.Attempts.Select(attempt => $"{attempt.IdempotencyKey}:{attempt.Attempt}:{attempt.Status}")),
            string.Join(" ", tests.Calls.Select(call => call.Key).Distinct(StringComparer.Ordinal)), run.Services.Checkpoints.Count);
    }
}
