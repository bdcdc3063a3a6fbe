using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <content>What an outcome makes of a run: its result is kept, and the next step is chosen.</content>
public sealed partial class RuleInterpreter
{
    private static void Apply(StepMoment moment, StepOutcome outcome)
    {
        switch (outcome)
        {
            case StepOutcome.Succeeded succeeded:
                Succeed(moment, succeeded.Output);
                break;
            case StepOutcome.Failed failed:
                FailStep(moment, failed.Error);
                break;
            case StepOutcome.Waiting waiting:
                BeginWait(moment, waiting);
                break;
            case StepOutcome.RunAgain again:
                RunAgain(moment, again.Rerun);
                break;
        }
    }

    private static void Keep(StepMoment moment, StepStatus status, JsonNode? output = null, StepError? error = null)
    {
        var began = moment.Began;
        moment.Track.Steps[moment.Step.Name] = new StepResult
        {
            Status = status,
            Output = output,
            Error = error,
            StartedAt = began,
            DurationMs = (moment.Ended - began).TotalMilliseconds,
            Attempts = moment.Attempt,
            Visit = moment.Visit,
        };
    }

    private static void PassOver(StepMoment moment, string why)
    {
        var track = moment.Track;
        track.WakeAt = null;
        track.Status = RunStatus.Running;
        track.Steps[moment.Step.Name] = new StepResult { Status = StepStatus.Skipped, StartedAt = moment.StartedAt, Visit = moment.Visit };
        moment.Decide(why, moment.Step.Line);
        GoOn(moment);
    }

    private static void Succeed(StepMoment moment, JsonNode? output)
    {
        var (track, step) = (moment.Track, moment.Step);
        Keep(moment, StepStatus.Success, output);
        Merge(track, step, output);
        if (track.Rerun?.Step == step.Name) track.Rerun = null;
        try
        {
            // The scope reads the context at the moment of asking, so what the step produced can be used here
            if (step.Compensate is { } compensate) Remember(moment.Run, new Compensation(moment.Path, moment.Visit, compensate.Bind(moment.Scope)));
            Take(moment, ChooseAfterSuccess(moment, output), null);
        }
        catch (ExpressionException error)
        {
            EndFailed(moment, new StepError("bad_expression", error.Message, Retryable: false), rejected: false);
        }
    }

    internal static void Merge(Track track, RuleStep step, JsonNode? output)
    {
        if (step.Output is not null) track.Context[step.Output] = output;
        else if (output is JsonObject json)
            foreach (var (key, value) in json) track.Context[key] = value;
    }

    /// <summary>Once for each visit: lanes that are followed again undo no more than they did.</summary>
    private static void Remember(RunState run, Compensation compensation)
    {
        run.Compensations.RemoveAll(known => known.Step == compensation.Step && known.Visit == compensation.Visit);
        run.Compensations.Add(compensation);
    }

    private static Route ChooseAfterSuccess(StepMoment moment, JsonNode? output)
    {
        var routes = moment.Step.Routes;
        if (JsonValues.TryBoolean(output) is { } answer && (answer ? routes.TruePath : routes.FalsePath) is { } path)
        {
            moment.Decide($"the result is {(answer ? "true" : "false")}: {path.Text}", path.Line);
            return path;
        }

        foreach (var branch in routes.Branches)
        {
            if (branch.When is not null && !branch.When.IsTrue(moment.Scope)) continue;
            moment.Decide(branch.When is null ? $"otherwise: {branch.To.Text}" : $"{branch.When.Source}: {branch.To.Text}", branch.Line);
            return branch.To;
        }

        return routes.Success;
    }

    /// <summary>The way on that doesn't depend on a result: after a step that was passed over.</summary>
    private static void GoOn(StepMoment moment)
    {
        var route = moment.Step.Routes.Success;
        if (route.Kind != RouteKind.Policy)
        {
            Take(moment, route, null);
            return;
        }

        var next = moment.Step.Index + 1;
        Take(moment, next < moment.Place.Body.Steps.Count ? Route.ToStep(next, moment.Place.Body.Steps[next].Name, 0) : Route.ToEnd("the end", 0), null);
    }

    private static void Take(StepMoment moment, Route route, StepError? error)
    {
        switch (route.Kind)
        {
            case RouteKind.Step:
                moment.Track.Cursor = moment.Place.Body.Steps[route.Step].Name;
                moment.Track.Attempt = 0;
                Reach(moment);
                break;
            case RouteKind.Complete:
                EndInSuccess(moment);
                break;
            default:
                ApplyPolicy(moment, route.Policy!, route, error);
                break;
        }
    }

    private static void EndInSuccess(StepMoment moment)
    {
        var track = moment.Track;
        var returned = moment.Place.Body.Output;
        JsonNode? output;
        try
        {
            output = returned?.Evaluate(moment.Scope);
        }
        catch (ExpressionException error)
        {
            EndFailed(moment, new StepError("bad_expression", error.Message, Retryable: false), rejected: false);
            return;
        }

        track.Error = null;
        if (moment.Place.FanOut is { } fan) fan.Results[((Lane)track).Name] = returned is null ? track.Everything() : output;
        else (moment.Run.StatedOutput, moment.Run.StatesOutput) = (output, returned is not null);
        End(moment, RunStatus.Success);
    }

    private static void EndFailed(StepMoment moment, StepError error, bool rejected)
    {
        moment.Track.Error = new RunError(error.Code, error.Message, moment.Path, error.HttpStatus, error.Details?.DeepClone(), rejected);
        End(moment, RunStatus.Failed);
    }

    /// <summary>The end of the run, or of a lane: then it is left to the step that it belongs to what becomes of that.</summary>
    private static void End(StepMoment moment, RunStatus status)
    {
        var track = moment.Track;
        Stop(track, status);
        if (moment.Place.FanOut is not { } fan)
        {
            moment.Run.RollingBack = false;
            moment.Run.EndedAt = moment.Ended;
            return;
        }

        var lane = (Lane)track;
        if (status != RunStatus.Success)
        {
            fan.Failed++;
            fan.Error ??= lane.Error;
        }

        Leave(fan, lane);
    }

    /// <summary>The end of the whole run, decided in a lane or not; other lanes end with it.</summary>
    private static void EndRun(StepMoment moment, RunStatus status, RunError error)
    {
        var run = moment.Run;
        LeaveLanes(moment);
        run.Error = error;
        Stop(run, status);
        run.RollingBack = false;
        run.EndedAt = moment.Ended;
    }

    private static void LeaveLanes(StepMoment moment)
    {
        if (moment.Place.Outer is null) return;
        var others = RunState.WaitsOf(moment.Run).Where(wait => wait.Step != moment.Path).ToList();
        if (others.Count > 0) moment.Closes = others;
        moment.Track.Status = RunStatus.Failed;
        moment.Run.FanOut = null;
        moment.Decide("the run's other lanes end with it", null);
    }

    private static void Reach(StepMoment moment)
    {
        if (!moment.Run.IsInline) moment.Track.ReachedAt = moment.Ended;
    }

    private static void Stop(Track track, RunStatus status)
    {
        track.Status = status;
        track.Cursor = null;
        track.Attempt = 0;
        track.WakeAt = null;
        track.Wait = null;
        track.Rerun = null;
        track.FanOut = null;
    }

    private static void BeginWait(StepMoment moment, StepOutcome.Waiting waiting)
    {
        Keep(moment, StepStatus.Waiting);
        // A person's wait never ends by itself, whatever a handler says
        WaitFor(moment, new Wait(waiting.Kind, moment.Path, moment.Visit, waiting.Data, moment.Ended), waiting.Kind == WaitKind.Human ? null : waiting.WakeAt);
    }

    private static void WaitFor(StepMoment moment, Wait wait, DateTimeOffset? wakeAt)
    {
        var track = moment.Track;
        track.Wait = wait;
        track.WakeAt = wakeAt;
        track.Status = wait.Kind == WaitKind.Human ? RunStatus.WaitingForHuman : RunStatus.Waiting;
        moment.Opens = wait;
    }

    private static void RunAgain(StepMoment moment, Rerun rerun)
    {
        var track = moment.Track;
        Keep(moment, StepStatus.Success);
        track.Rerun = rerun;
        track.Cursor = rerun.Step;
        track.Attempt = 0;
        Reach(moment);
        track.Status = RunStatus.Retry;
        track.WakeAt = moment.Ended.AddMilliseconds(rerun.BaseDelayMs);
        moment.Decide($"runs '{rerun.Step}' again, {rerun.Attempts} times at most", moment.Step.Line);
    }
}
