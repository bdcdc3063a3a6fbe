using System.Text.Json.Nodes;
using Dox.SharedKernel.Ids;
using Dox.Simulation.Tests.Nodes;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Surroundings;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Simulation.Tests.Checking;

/// <summary>How a run must end, whatever goes wrong on the way: as it ends in one process that never fails, with a store that is never asked.</summary>
/// <param name="Status">Its state at the end.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Output">As JSON.</param>
/// <param name="Path">Its journal: step, visit, attempt and outcome, to compare by.</param>
/// <param name="Effects">The keys of everything that it changes outside.</param>
/// <param name="Reviews">What people are asked: step and visit.</param>
/// <param name="Code">Of that.</param>
internal sealed record Expected(RunStatus Status, string? Error, string? Code, string? Output, string Path, IReadOnlyList<string> Effects, IReadOnlyList<string> Reviews)
{
    public static Expected Of(Rule rule, Func<string, Rule?> rules, string runId, JsonObject input, JsonObject facts)
    {
        var world = new World(seed: 0);
        var actor = new Actor(world, "reference");
        var recorder = new Recorder(rules);
        var clock = new SimulatedClock(actor);
        var state = RunState.Start(rule, runId, input, clock.GetUtcNow(), facts);
        Task? running = null;
        actor.StartsChild = (call, _) => new(ChildOf(call, rules, facts));
        actor.Run(() => running = AdvanceAsync(new RuleInterpreter(clock), rule, state, recorder));
        world.Run(() => running!.IsCompleted, () => { });
        if (world.Violation is { } violation) throw new InvalidOperationException($"The reference itself: {violation}");
        if (running!.Exception is { } e) throw new InvalidOperationException("The reference itself fails.", e.InnerException);
        if (!state.HasEnded) throw new InvalidOperationException($"The reference stands still at '{state.Cursor}'.");
        return new(
            state.Status, state.Error?.Message, state.Error?.Code, state.Output?.ToJsonString(), Comparable(rule, recorder.Path), [.. world.Services.Effects.Order(StringComparer.Ordinal)], recorder.Reviews);
    }

    private static StepOutcome ChildOf(StepCall call, Func<string, Rule?> rules, JsonObject facts)
    {
        var (rule, key) = (rules(Children.RuleOf(call))!, Children.KeyOf(call));
        var (id, given) = (Children.IdOf(key), (JsonObject)facts.DeepClone());
        given["service"] = rule.Service;
        Children.ParentOf(call).AddTo(given);
        var child = Of(rule, rules, id.ToString(), Children.InputOf(call), given);
        return child.Outcome(id, rule);
    }

    private StepOutcome Outcome(Id<Workflow> id, Rule rule) => Status == RunStatus.Success
        ? StepOutcome.Success(Output is null ? null : JsonNode.Parse(Output))
        : StepOutcome.Failure(Code ?? "child_failed", $"{id} ({rule.Name}): {Error ?? Status.ToString()}", retryable: false);

    /// <summary>A line of the path.</summary>
    public static string Line(string step, int visit, int attempt, StepStatus status) => $"{step}/{visit}:{attempt}:{status}";

    /// <summary>
    /// A path to compare by. Whether a step waits for its child, and how often it looks after it, is the world's matter; and so is which lane is
    /// faster.
    /// </summary>
    public static string Comparable(Rule rule, IEnumerable<(string Step, int Visit, int Attempt, StepStatus Status)> path)
    {
        var lines = path.Where(e => !StartsChild(rule, e.Step) || e.Status != StepStatus.Waiting)
            .Select(e => Line(e.Step, e.Visit, StartsChild(rule, e.Step) ? 0 : e.Attempt, e.Status));
        return string.Join(' ', rule.Steps.Any(step => step.Bodies.Count > 0) ? lines.Order(StringComparer.Ordinal) : lines);
    }

    private static bool StartsChild(Rule rule, string step) => rule.FindStep(step)?.Action == "run_workflow";

    private static async Task AdvanceAsync(RuleInterpreter interpreter, Rule rule, RunState state, Recorder recorder)
    {
        while (true)
        {
            await interpreter.AdvanceAsync(rule, state, recorder, CancellationToken.None);
            if (state.HasEnded || state.Waits.FirstOrDefault(w => w.Kind == WaitKind.Human) is not { } wait) return;
            recorder.Reviews.Add($"{wait.Step}/{wait.Visit}");
            var attempt = interpreter.Answer(rule, state, People.AnswerTo(state.RunId, wait.Step, wait.Visit))
                ?? throw new InvalidOperationException($"'{wait.Step}' isn't answered.");
            await recorder.CheckpointAsync(rule, state, attempt, mustPersist: true, CancellationToken.None);
        }
    }

    private sealed class Recorder(Func<string, Rule?> rules) : IRunServices
    {
        public List<(string Step, int Visit, int Attempt, StepStatus Status)> Path { get; } = [];

        public List<string> Reviews { get; } = [];

        public TimeSpan LongestPause => TimeSpan.MaxValue;

        public bool StopRequested => false;

        public Rule? FindRule(string name) => rules(name);

        public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken)
        {
            Path.Add((attempt.Step, attempt.Visit, attempt.Attempt, attempt.Status));
            return ValueTask.CompletedTask;
        }
    }
}
