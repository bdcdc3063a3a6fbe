using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <content>What an outcome makes of a run: its result is kept, and the next step is chosen.</content>
public sealed partial class RuleInterpreter
{
    private static void Apply(StepMoment moment, StepOutcome outcome, DateTimeOffset ended)
    {
        switch (outcome)
        {
            case StepOutcome.Succeeded succeeded:
                Succeed(moment, succeeded.Output, ended);
                break;
            case StepOutcome.Failed failed:
                FailStep(moment, failed.Error, ended);
                break;
            case StepOutcome.Waiting waiting:
                BeginWait(moment, waiting, ended);
                break;
            case StepOutcome.RunAgain again:
                RunAgain(moment, again.Rerun, ended);
                break;
        }
    }

    private static void Keep(StepMoment moment, StepStatus status, DateTimeOffset ended, JsonNode? output = null, StepError? error = null)
    {
        var began = moment.Began;
        moment.State.Steps[moment.Step.Name] = new StepResult
        {
            Status = status,
            Output = output,
            Error = error,
            StartedAt = began,
            DurationMs = (ended - began).TotalMilliseconds,
            Attempts = moment.Attempt,
            Visit = moment.Visit,
        };
    }

    private static void PassOver(StepMoment moment)
    {
        var state = moment.State;
        state.Visits[moment.Step.Name] = moment.Visit;
        state.WakeAt = null;
        state.Status = RunStatus.Running;
        state.Steps[moment.Step.Name] = new StepResult { Status = StepStatus.Skipped, StartedAt = moment.Now, Visit = moment.Visit };
        moment.Decide($"skipped: {moment.Step.When!.Source} is false", moment.Step.Line);
        GoOn(moment);
    }

    private static void Succeed(StepMoment moment, JsonNode? output, DateTimeOffset ended)
    {
        var (state, step) = (moment.State, moment.Step);
        Keep(moment, StepStatus.Success, ended, output);
        if (step.Output is not null) state.Context[step.Output] = output;
        else if (output is JsonObject json)
            foreach (var (key, value) in json) state.Context[key] = value;
        if (state.Rerun?.Step == step.Name) state.Rerun = null;
        try
        {
            // The scope reads the context at the moment of asking, so what the step produced can be used here
            if (step.Compensate is { } compensate) state.Compensations.Add(new Compensation(step.Name, moment.Visit, compensate.Bind(moment.Scope)));
            Take(moment, ChooseAfterSuccess(moment, output), null);
        }
        catch (ExpressionException error)
        {
            EndFailed(moment, new StepError("bad_expression", error.Message, Retryable: false), rejected: false);
        }
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
        Take(moment, next < moment.Rule.Steps.Count ? Route.ToStep(next, moment.Rule.Steps[next].Name, 0) : Route.ToEnd("the end", 0), null);
    }

    private static void Take(StepMoment moment, Route route, StepError? error)
    {
        var state = moment.State;
        switch (route.Kind)
        {
            case RouteKind.Step:
                state.Cursor = moment.Rule.Steps[route.Step].Name;
                state.Attempt = 0;
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
        var state = moment.State;
        try
        {
            state.Output = moment.Rule.Output is { } output ? output.Evaluate(moment.Scope) : Everything(state);
        }
        catch (ExpressionException error)
        {
            EndFailed(moment, new StepError("bad_expression", error.Message, Retryable: false), rejected: false);
            return;
        }

        state.Error = null;
        End(moment, RunStatus.Success);
    }

    private static JsonObject Everything(RunState state)
    {
        var output = new JsonObject();
        foreach (var (name, value) in state.Context) output[name] = value?.DeepClone();
        return output;
    }

    private static void End(StepMoment moment, RunStatus status)
    {
        var state = moment.State;
        state.Status = status;
        state.Cursor = null;
        state.Attempt = 0;
        state.WakeAt = null;
        state.Wait = null;
        state.Rerun = null;
        state.RollingBack = false;
        state.EndedAt = moment.Now;
    }

    private static void EndFailed(StepMoment moment, StepError error, bool rejected)
    {
        moment.State.Error = new RunError(error.Code, error.Message, moment.Step.Name, error.HttpStatus, error.Details?.DeepClone(), rejected);
        End(moment, RunStatus.Failed);
    }

    private static void BeginWait(StepMoment moment, StepOutcome.Waiting waiting, DateTimeOffset ended)
    {
        var state = moment.State;
        Keep(moment, StepStatus.Waiting, ended);
        state.Wait = new Wait(waiting.Kind, moment.Step.Name, moment.Visit, waiting.Data, ended);
        // A person's wait never ends by itself, whatever a handler says
        state.WakeAt = waiting.Kind == WaitKind.Human ? null : waiting.WakeAt;
        state.Status = waiting.Kind == WaitKind.Human ? RunStatus.WaitingForHuman : RunStatus.Waiting;
    }

    private static void RunAgain(StepMoment moment, Rerun rerun, DateTimeOffset ended)
    {
        var state = moment.State;
        Keep(moment, StepStatus.Success, ended);
        state.Rerun = rerun;
        state.Cursor = rerun.Step;
        state.Attempt = 0;
        state.Status = RunStatus.Retry;
        state.WakeAt = ended.AddMilliseconds(rerun.BaseDelayMs);
        moment.Decide($"runs '{rerun.Step}' again, {rerun.Attempts} times at most", moment.Step.Line);
    }
}
