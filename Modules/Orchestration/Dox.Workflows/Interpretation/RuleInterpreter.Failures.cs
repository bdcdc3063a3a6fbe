using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <content>What a failure makes of a run: it is tried again, or a policy takes over.</content>
public sealed partial class RuleInterpreter
{
    private const int DefaultRejection = 422;

    private static void FailStep(StepMoment moment, StepError error)
    {
        var (track, step) = (moment.Track, moment.Step);
        Keep(moment, StepStatus.Failed, error: error);
        track.Error = new RunError(error.Code, Describe(moment, error), moment.Path, error.HttpStatus, error.Details?.DeepClone());
        var rerun = track.Rerun?.Step == step.Name ? track.Rerun : null;
        var plan = rerun is null
            ? step.Retry
            : new RetryPlan(rerun.Attempts, rerun.Exponential, rerun.BaseDelayMs, 3_600_000, false, null, 2);
        if (plan is not null && TryAgain(moment, plan, error)) return;
        var route = step.Routes.Failure;
        if (rerun is not null)
        {
            track.Rerun = null;
            route = moment.Place.Body.Find(rerun.By)!.Routes.Failure;
        }

        Take(moment, route, error);
    }

    private static bool TryAgain(StepMoment moment, RetryPlan plan, StepError error)
    {
        if (!error.Retryable || moment.Attempt >= plan.MaxAttempts) return false;
        try
        {
            if (plan.When is not null && !plan.When.IsTrue(moment.Scope.WithError(error, moment.Path))) return false;
        }
        catch (ExpressionException)
        {
            return false;
        }

        var delay = plan.DelayAfter(moment.Attempt, moment.Key);
        moment.Track.Status = RunStatus.Retry;
        moment.Track.WakeAt = moment.Ended + delay;
        moment.Decide($"tries again in {delay.TotalMilliseconds:0} ms ({moment.Attempt} of {plan.MaxAttempts})", moment.Step.Line);
        return true;
    }

    private static string Describe(StepMoment moment, StepError error, Template? other = null)
    {
        if ((other ?? moment.Step.ErrorMessage) is not { } template) return error.Message;
        try
        {
            return JsonValues.ToText(template.Evaluate(moment.Scope.WithError(error, moment.Path)));
        }
        catch (ExpressionException)
        {
            return error.Message;
        }
    }

    /// <summary>
    /// Retry, skip_step, manual_intervention and fail are a lane's own matter; escalate, rollback and reject_request are the whole run's, wherever
    /// they are decided.
    /// </summary>
    private static void ApplyPolicy(StepMoment moment, FailurePolicy policy, Route route, StepError? failure)
    {
        var track = moment.Track;
        var error = failure ?? new StepError(
            policy.Kind == PolicyKind.RejectRequest ? "rejected" : policy.Name, $"'{moment.Step.Name}' leads to {route.Text}.",
            null, track.Steps[moment.Step.Name].Output?.DeepClone(), Retryable: false);
        var message = Describe(moment, error, policy.Message);
        moment.Decide(route.Text == policy.Name || route.Line == 0 ? policy.Name : $"{route.Text} ({policy.Name})", route.Line == 0 ? null : route.Line);
        var reason = new RunError(error.Code, message, moment.Path, error.HttpStatus, error.Details?.DeepClone(), policy.Kind == PolicyKind.RejectRequest);
        switch (policy.Kind)
        {
            case PolicyKind.Retry when TryAgain(moment, policy.Retry!, error):
                break;
            case PolicyKind.Retry:
                ApplyPolicy(moment, policy.Then ?? FailurePolicy.Fail, route, error);
                break;
            case PolicyKind.SkipStep:
                if (failure is not null) track.Steps[moment.Step.Name] = track.Steps[moment.Step.Name] with { Status = StepStatus.Skipped };
                GoOn(moment);
                break;
            case PolicyKind.ManualIntervention:
                AskPerson(moment, policy, error, message);
                break;
            case PolicyKind.Escalate:
                EndRun(moment, RunStatus.Escalated, reason);
                break;
            case PolicyKind.RejectRequest:
                EndRun(moment, RunStatus.Failed, reason with { HttpStatus = RejectionStatus(moment, policy, error) });
                break;
            case PolicyKind.Rollback when moment.Run.Compensations.Count > 0:
                BeginRollback(moment, reason);
                break;
            case PolicyKind.Rollback:
                EndRun(moment, RunStatus.Failed, reason);
                break;
            default:
                track.Error = reason;
                End(moment, RunStatus.Failed);
                break;
        }
    }

    private static void BeginRollback(StepMoment moment, RunError reason)
    {
        var run = moment.Run;
        LeaveLanes(moment);
        (run.Error, run.RollingBack, run.Attempt, run.WakeAt, run.Status) = (reason, true, 0, null, RunStatus.Running);
    }

    private static int RejectionStatus(StepMoment moment, FailurePolicy policy, StepError error)
    {
        try
        {
            if (policy.Status?.Evaluate(moment.Scope.WithError(error, moment.Path)) is { } given
                && int.TryParse(JsonValues.ToText(given), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status is >= 400 and < 600)
                return status;
        }
        catch (ExpressionException)
        {
            return DefaultRejection;
        }

        return error.HttpStatus is >= 400 and < 500 ? error.HttpStatus.Value : DefaultRejection;
    }

    private static void AskPerson(StepMoment moment, FailurePolicy policy, StepError error, string message)
    {
        var track = moment.Track;
        var asked = new JsonObject
        {
            ["team"] = policy.Team?.Evaluate(moment.Scope),
            ["subject"] = $"{moment.Step.Name} failed",
            ["message"] = message,
            ["evidence"] = new JsonObject { ["code"] = error.Code, ["details"] = error.Details?.DeepClone() },
        };
        WaitFor(moment, new Wait(WaitKind.Human, moment.Path, moment.Visit, asked, moment.Ended, FromPolicy: true), null);
        track.Steps[moment.Step.Name] = track.Steps[moment.Step.Name] with { Status = StepStatus.Waiting };
    }

    /// <summary>Undoes the newest step that isn't undone yet, of lanes too; a compensation that can't be done is a matter for people.</summary>
    private async ValueTask UndoNextAsync(Walk walk, Place place, CancellationToken cancellationToken)
    {
        var run = place.Run;
        var compensation = run.Compensations[^1];
        var step = place.Rule.FindStep(compensation.Step)!;
        var undo = new StepMoment(place, step, compensation.Visit, run.Attempt + 1, clock.GetUtcNow(), compensation.Step, undoes: true) { Input = compensation.Parameters };
        var call = new StepCall(this, undo, compensation.Parameters is null ? [] : (JsonObject)compensation.Parameters.DeepClone(), step.Timeout ?? DefaultTimeout, walk.Services);
        var outcome = await ExecuteAsync(step.Compensate!, call, cancellationToken);
        undo.Ended = clock.GetUtcNow();
        run.WakeAt = null;
        run.Status = RunStatus.Running;
        var error = (outcome as StepOutcome.Failed)?.Error ?? (outcome is StepOutcome.Succeeded ? null : new StepError("cannot_wait", "A compensation can't wait.", Retryable: false));
        if (error is null)
        {
            run.Compensations.RemoveAt(run.Compensations.Count - 1);
            run.Attempt = 0;
            run.IsUndone = true;
            if (run.Compensations.Count == 0) End(undo, run.EndsCancelled ? RunStatus.Cancelled : RunStatus.Failed);
        }
        else if (!TryAgain(undo, RetryPlan.Default, error))
        {
            run.Error = new RunError("compensation_failed", $"'{step.Name}' can't be undone: {error.Message} (after: {run.Error?.Message})", compensation.Step, null, error.Details?.DeepClone());
            End(undo, RunStatus.Escalated);
        }
        else
        {
            run.Attempt = undo.Attempt;
        }

        var result = new StepResult { Status = error is null ? StepStatus.Success : StepStatus.Failed, Output = (outcome as StepOutcome.Succeeded)?.Output, Error = error };
        await walk.Services.CheckpointAsync(place.Rule, run, undo.ToAttempt(result), mustPersist: true, cancellationToken);
    }
}
