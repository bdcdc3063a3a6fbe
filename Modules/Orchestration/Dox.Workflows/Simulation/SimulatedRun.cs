using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Simulation;

/// <summary>One simulated run while it goes on.</summary>
internal sealed class SimulatedRun(
    Rule rule, RuleSet rules, SimulationStart start, ISimulationScript script, SimulatedTime time, SimulationPump pump, CancellationToken cancellationToken) : IRunServices, IDisposable
{
    private readonly List<StepAttempt> _attempts = [];
    private readonly List<SimulatedCall> _calls = [];
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private SimulatedCall? _unknown;

    public TimeSpan LongestPause => TimeSpan.Zero;

    public bool StopRequested => _unknown is not null;

    public async Task<SimulationResult> RunAsync()
    {
        var interpreter = new RuleInterpreter(time);
        var state = RunState.Start(rule, start.RunId, start.Input?.DeepClone(), start.Now, (JsonObject?)start.Facts?.DeepClone());
        if (script.BeginOf(state.Cursor!, 1) is { } begin) time.MoveTo(begin);
        try
        {
            do await interpreter.AdvanceAsync(rule, state, this, _stop.Token);
            while (!state.HasEnded && GoOn(interpreter, state));
        }
        catch (OperationCanceledException) when (_unknown is not null)
        {
            // Stopped before the attempt that nobody knows the outcome of
        }

        return new SimulationResult(rule, state, _attempts, _calls, _unknown, time.GetUtcNow() - start.Now);
    }

    public async ValueTask<StepOutcome> AnswerAsync(StepCall call, StepHandler? computes, CancellationToken cancellation)
    {
        if (KnownOutcome(call) is { } outcome) return outcome;
        if (computes is not null) return await pump.OutsideAsync(computes(call.Until(TimeProvider.System.GetUtcNow() + RuleSimulator.Longest), cancellation));
        Stop(AskedBy(call));
        throw new OperationCanceledException(_stop.Token);
    }

    /// <summary>What the script says; null: it doesn't know.</summary>
    public StepOutcome? KnownOutcome(StepCall call)
    {
        var asked = AskedBy(call);
        var outcome = script.OutcomeOf(asked);
        if (outcome is not null) _calls.Add(asked);
        return outcome;
    }

    private static SimulatedCall AskedBy(StepCall call) =>
        new(call.FullPath, call.Step.Name, call.Action, call.Visit, call.Attempt, (JsonObject)call.Parameters.DeepClone(), call.Step.Line);

    private void Stop(SimulatedCall unknown)
    {
        _unknown = unknown;
        _stop.Cancel();
    }

    public Rule? FindRule(string name) => rules.Find(name);

    public ValueTask CheckpointAsync(Rule advanced, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellation)
    {
        _attempts.Add(attempt);
        if (state is { Cursor: { } next, Attempt: 0, Wait: null } && script.BeginOf(next, state.VisitsOf(next) + 1) is { } begin) time.MoveTo(begin);
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>False: nobody answers, and no clock ends the wait.</summary>
    private bool GoOn(RuleInterpreter interpreter, RunState state)
    {
        foreach (var wait in state.Waits.Where(wait => wait.Kind is not (WaitKind.Timer or WaitKind.AbsentPart)))
        {
            if (script.AnswerTo(wait) is not { } answer) continue;
            time.MoveTo(time.GetUtcNow() + answer.After);
            var attempt = interpreter.Answer(rule, state, new WaitAnswer(wait.Step, wait.Visit, answer.Decision, (JsonObject?)answer.Result?.DeepClone(), answer.Reason));
            if (attempt is null) return false;
            _attempts.Add(attempt);
            return true;
        }

        if (state.WakeAt is not { } wakeAt) return false;
        time.MoveTo(wakeAt);
        return true;
    }
}
