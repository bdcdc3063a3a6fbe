using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Interpretation;

/// <summary>What the interpreter allocates for a run is a share of what the engine does; it grows unseen unless it is looked at.</summary>
[NonParallelizable]
public sealed class AllocationTests
{
    private const int Runs = 2_000;

    // Without optimisation each asynchronous method has an object of its own
#if DEBUG
    private const int Allowance = 2;
#else
    private const int Allowance = 1;
#endif

    [TestCase("action: data_transform, params: { mappings: { x: 1 } }", 6_500)]
    [TestCase("action: look", 5_000)]
    public async Task Run_of_five_steps_that_do_nothing_is_lean(string step, long most)
    {
        var vocabulary = new Vocabulary().Add(new ActionDefinition("look", "", [], (_, _) => new(StepOutcome.Success()), HasEffect: false));
        var rule = new RuleParser(vocabulary).Parse(TestVocabulary.RuleOf(string.Join('\n', Enumerable.Range(1, 5).Select(i => $"  - {{ name: S{i}, {step} }}"))), "lean.yaml").Rule!;
        var interpreter = new RuleInterpreter(TimeProvider.System);
        var services = new Nowhere();
        await RunAsync();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Runs; i++) await RunAsync();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Runs;
        TestContext.Out.WriteLine($"{each} bytes a run");
        Assert.That(each, Is.LessThan(Allowance * most));

        async ValueTask RunAsync()
        {
            var state = RunState.Start(rule, "wf_0199c0ffee0199c0ffee0199c0ffee01", new JsonObject(), DateTimeOffset.UnixEpoch);
            await interpreter.AdvanceAsync(rule, state, services, CancellationToken.None);
        }
    }

    private sealed class Nowhere : IRunServices
    {
        public TimeSpan LongestPause => TimeSpan.Zero;

        public bool StopRequested => false;

        public Rule? FindRule(string name) => null;

        public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
