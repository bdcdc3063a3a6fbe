using CsCheck;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Tests.Reference;

/// <summary>Random rules take the same path and end alike in the product and in the reference interpreter, and wherever a node dies on the way.</summary>
public sealed class ReferenceTests
{
    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[0, 90];

    // What failed once, here or under a deliberate mistake, as it was printed
    private static readonly string[] Kept =
        ["7B351D8F148E4D74F58663F7", "321135255BA0756111F4EFF837CB0D83AF018B420C0CBF12", "CFA1FEC75A86E037AEF5F22C691DEADE21BB", "20771872EA8B0F1AE2D8"];

    [Test]
    public async Task Random_rules_mean_what_the_reference_says() => await Bytes.SampleAsync(AgreesAsync, iter: 3_000, print: Convert.ToHexString);

    [Test]
    public async Task Random_rules_end_alike_wherever_a_node_dies() => await Bytes.SampleAsync(EndsAlikeAsync, iter: 300, print: Convert.ToHexString);

    [Test]
    public async Task Random_rules_with_child_runs_mean_what_the_reference_says() => await Bytes.SampleAsync(bytes => AgreesAsync(bytes, children: true), iter: 2_000, print: Convert.ToHexString);

    [Test]
    public async Task Random_rules_with_child_runs_end_alike_wherever_a_node_dies() => await Bytes.SampleAsync(bytes => EndsAlikeAsync(bytes, children: true), iter: 300, print: Convert.ToHexString);

    [Test]
    public void Random_rules_with_child_runs_have_some()
    {
        var random = new Random(4711);
        var bytes = new byte[60];
        var with = 0;
        for (var i = 0; i < 200; i++)
        {
            random.NextBytes(bytes);
            if (RandomRule.StartersIn(RandomRule.Of(bytes, children: true)).Any()) with++;
        }

        Assert.That(with, Is.GreaterThan(20));
    }

    [TestCaseSource(nameof(Kept))]
    public async Task Rule_that_once_went_wrong_stays_right(string hex)
    {
        await AgreesAsync(Convert.FromHexString(hex));
        await EndsAlikeAsync(Convert.FromHexString(hex));
    }

    [Test]
    public async Task Random_lanes_end_alike_whichever_is_faster() =>
        await Gen.Select(Bytes, Gen.Int).SampleAsync(async sample =>
        {
            var (bytes, seed) = sample;
            var steps = RandomRule.Of(bytes, calm: true);
            var expected = await RunAsync(steps, null);
            var random = new Random(seed);
            var mixed = await RunAsync(steps, null, async () =>
            {
                int yields;
                lock (random) yields = random.Next(4);
                for (var i = 0; i < yields; i++) await Task.Yield();
            });
            Assert.That((mixed.State.Status, mixed.State.Output!.ToJsonString()), Is.EqualTo((expected.State.Status, expected.State.Output!.ToJsonString())), () => RandomStep.YamlOf(steps));
            Assert.That(mixed.Journal, Is.EquivalentTo(expected.Journal));
        }, iter: 300, print: sample => $"{Convert.ToHexString(sample.Item1)} {sample.Item2}");

    private static Task AgreesAsync(byte[] bytes) => AgreesAsync(bytes, children: false);

    private static async Task AgreesAsync(byte[] bytes, bool children)
    {
        var steps = RandomRule.Of(bytes, children: children);
        var reference = new ReferenceInterpreter(Refuses);
        reference.Run(steps, 0);
        var (run, started) = await RunWithChildrenAsync(steps, null);
        var about = $"{Convert.ToHexString(bytes)} {RandomStep.YamlOf(steps)}";
        Assert.That(string.Join('\n', run.Journal), Is.EqualTo(string.Join('\n', reference.Journal)), about);
        Assert.That((run.State.Status.ToString(), run.State.Output?.ToJsonString()), Is.EqualTo((reference.Status, reference.Output?.ToJsonString())), about);
        Assert.That(FirstAttempts(run), Is.Unique, about);
        Assert.That(started.Journals, Is.EquivalentTo(reference.ChildJournals), about);
    }

    private static Task EndsAlikeAsync(byte[] bytes) => EndsAlikeAsync(bytes, children: false);

    private static async Task EndsAlikeAsync(byte[] bytes, bool children)
    {
        var steps = RandomRule.Of(bytes, children: children);
        var (undisturbed, wholeChildren) = await RunWithChildrenAsync(steps, null);
        var whole = Ending(undisturbed);
        for (var death = 0; death < whole.Checkpoints; death++)
        {
            var at = death;
            var (run, started) = await RunWithChildrenAsync(steps, count => count == at);
            Assert.That(Ending(run), Is.EqualTo(whole), () => $"died at checkpoint {at}: {Convert.ToHexString(bytes)} {RandomStep.YamlOf(steps)}");
            Assert.That(started.Keys, Is.EquivalentTo(wholeChildren.Keys), () => $"died at checkpoint {at}: {Convert.ToHexString(bytes)} {RandomStep.YamlOf(steps)}");
        }
    }

    /// <summary>What others can see of a run: how it ended, its path, and each effect's key once.</summary>
    private static (RunStatus, string?, string?, string, int Checkpoints) Ending(RunToEnd run) => (
        run.State.Status, run.State.Error?.Message, run.State.Output?.ToJsonString(),
        string.Join(' ', run.Services.Attempts.Select(attempt => $"{attempt.IdempotencyKey}:{attempt.Attempt}:{attempt.Status}")), run.Services.Attempts.Count);

    // Lanes of a step that is tried again use their keys again, on purpose; so do waits and their answers, and lanes that are cancelled
    private static IEnumerable<string> FirstAttempts(RunToEnd run) =>
        run.Services.Attempts.Any(attempt => attempt is { Action: "parallel" or "for_each", Status: StepStatus.Failed })
            ? []
            : run.Services.Attempts.Where(attempt => attempt is { Action: "flaky" or "custom_logic", Attempt: 1, Status: StepStatus.Success or StepStatus.Failed }
                && !attempt.IdempotencyKey.EndsWith("/undo", StringComparison.Ordinal) && attempt.Decision?.Contains("said so", StringComparison.Ordinal) != true)
                .Select(attempt => attempt.IdempotencyKey);

    private static bool Refuses(string path) => path.Sum(character => character) % 3 == 0;

    private static async Task<RunToEnd> RunAsync(IReadOnlyList<RandomStep> steps, Func<int, bool>? dieAt, Func<Task>? delay = null)
    {
        var tests = new TestVocabulary { Delay = delay };
        return await new RunToEnd(RandomRule.Parse(steps, tests), Refuses, dieAt).ToEnd();
    }

    private static async Task<(RunToEnd Run, ChildRuns Children)> RunWithChildrenAsync(IReadOnlyList<RandomStep> steps, Func<int, bool>? dieAt)
    {
        var tests = new TestVocabulary();
        RandomRule.AddActions(tests);
        var children = new ChildRuns(steps, tests, Refuses);
        return (await new RunToEnd(RandomRule.ParseSteps(steps, tests, "test_rule"), Refuses, dieAt, children.Find).ToEnd(), children);
    }
}
