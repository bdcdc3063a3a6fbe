using System.Text.Json.Nodes;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Surroundings;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Simulation.Tests.Checking;

/// <summary>How a run must end, whatever goes wrong on the way: as it ends in one process that never fails, with a store that is never asked.</summary>
/// <param name="Status">Its state at the end.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Output">As JSON.</param>
/// <param name="Path">Its journal: step, visit, attempt and outcome.</param>
/// <param name="Effects">The keys of everything that it changes outside.</param>
/// <param name="Reviews">What people are asked: step and visit.</param>
internal sealed record Expected(RunStatus Status, string? Error, string? Output, IReadOnlyList<string> Path, IReadOnlyList<string> Effects, IReadOnlyList<string> Reviews)
{
    public static Expected Of(Rule rule, Func<string, Rule?> rules, string runId, JsonObject input, JsonObject facts)
    {
        var world = new World(seed: 0);
        var actor = new Actor(world, "reference");
        var recorder = new Recorder(rules);
        var clock = new SimulatedClock(actor);
        var state = RunState.Start(rule, runId, input, clock.GetUtcNow(), facts);
        Task? running = null;
        actor.Run(() => running = AdvanceAsync(new RuleInterpreter(clock), rule, state, recorder));
        world.Run(() => running!.IsCompleted, () => { });
        if (world.Violation is { } violation) throw new InvalidOperationException($"The reference itself: {violation}");
        if (running!.Exception is { } e) throw new InvalidOperationException("The reference itself fails.", e.InnerException);
        if (!state.HasEnded) throw new InvalidOperationException($"The reference stands still at '{state.Cursor}'.");
        return new(
            state.Status, state.Error?.Message, state.Output?.ToJsonString(), recorder.Path, [.. world.Services.Effects.Order(StringComparer.Ordinal)], recorder.Reviews);
    }

    /// <summary>A line of the path.</summary>
    public static string Line(string step, int visit, int attempt, StepStatus status) => $"{step}/{visit}:{attempt}:{status}";

    private static async Task AdvanceAsync(RuleInterpreter interpreter, Rule rule, RunState state, Recorder recorder)
    {
        while (true)
        {
            await interpreter.AdvanceAsync(rule, state, recorder, CancellationToken.None);
            if (state.HasEnded || state.Wait is not { } wait) return;
            if (wait.Kind == WaitKind.Human) recorder.Reviews.Add($"{wait.Step}/{wait.Visit}");
            var attempt = interpreter.Answer(rule, state, People.AnswerTo(state.RunId, wait.Step, wait.Visit))
                ?? throw new InvalidOperationException($"'{wait.Step}' isn't answered.");
            await recorder.CheckpointAsync(rule, state, attempt, mustPersist: true, CancellationToken.None);
        }
    }

    private sealed class Recorder(Func<string, Rule?> rules) : IRunServices
    {
        public List<string> Path { get; } = [];

        public List<string> Reviews { get; } = [];

        public TimeSpan LongestPause => TimeSpan.MaxValue;

        public bool StopRequested => false;

        public Rule? FindRule(string name) => rules(name);

        public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken)
        {
            Path.Add(Line(attempt.Step, attempt.Visit, attempt.Attempt, attempt.Status));
            return ValueTask.CompletedTask;
        }
    }
}
