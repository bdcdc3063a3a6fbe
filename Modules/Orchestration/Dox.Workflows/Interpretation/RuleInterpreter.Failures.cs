using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <content>What a failure makes of a run: it is tried again, or a policy takes over.</content>
public sealed partial class RuleInterpreter
{
    private const int DefaultRejection = 422;

    private static void FailStep(StepMoment moment, StepError error, DateTimeOffset ended)
    {
        var (state, step) = (moment.State, moment.Step);
        Keep(moment, StepStatus.Failed, ended, error: error);
        state.Error = new RunError(error.Code, Describe(moment, error), step.Name, error.HttpStatus, error.Details?.DeepClone());
        var rerun = state.Rerun?.Step == step.Name ? state.Rerun : null;
        var plan = rerun is null
            ? step.Retry
            : new RetryPlan(rerun.Attempts, rerun.Exponential, rerun.BaseDelayMs, 3_600_000, false, null, 2);
        if (plan is not null && TryAgain(moment, plan, error, ended)) return;
        var route = step.Routes.Failure;
        if (rerun is not null)
        {
            state.Rerun = null;
            route = moment.Rule.FindStep(rerun.By)!.Routes.Failure;
        }

        Take(moment, route, error);
    }

    private static bool TryAgain(StepMoment moment, RetryPlan plan, StepError error, DateTimeOffset now)
    {
        if (!error.Retryable || moment.Attempt >= plan.MaxAttempts) return false;
        try
        {
            if (plan.When is not null && !plan.When.IsTrue(moment.Scope.WithError(error, moment.Step.Name))) return false;
        }
        catch (ExpressionException)
        {
            return false;
        }

        var delay = plan.DelayAfter(moment.Attempt, moment.Key);
        moment.State.Status = RunStatus.Retry;
        moment.State.WakeAt = now + delay;
        moment.Decide($"tries again in {delay.TotalMilliseconds:0} ms ({moment.Attempt} of {plan.MaxAttempts})", moment.Step.Line);
        return true;
    }

    private static string Describe(StepMoment moment, StepError error, Template? other = null)
    {
        if ((other ?? moment.Step.ErrorMessage) is not { } template) return error.Message;
        try
        {
            return JsonValues.ToText(template.Evaluate(moment.Scope.WithError(error, moment.Step.Name)));
        }
        catch (ExpressionException)
        {
            return error.Message;
        }
    }

    private static void ApplyPolicy(StepMoment moment, FailurePolicy policy, Route route, StepError? failure)
    {
        var state = moment.State;
        var error = failure ?? new StepError(
            policy.Kind == PolicyKind.RejectRequest ? "rejected" : policy.Name, $"'{moment.Step.Name}' leads to {route.Text}.",
            null, state.Steps[moment.Step.Name].Output?.DeepClone(), Retryable: false);
        var message = Describe(moment, error, policy.Message);
        moment.Decide(route.Text == policy.Name || route.Line == 0 ? policy.Name : $"{route.Text} ({policy.Name})", route.Line == 0 ? null : route.Line);
        switch (policy.Kind)
        {
            case PolicyKind.Retry:
                if (TryAgain(moment, policy.Retry!, error, moment.Now)) return;
                ApplyPolicy(moment, policy.Then ?? FailurePolicy.Fail, route, error);
                return;
            case PolicyKind.SkipStep:
                if (failure is not null) state.Steps[moment.Step.Name] = state.Steps[moment.Step.Name] with { Status = StepStatus.Skipped };
                GoOn(moment);
                return;
            case PolicyKind.ManualIntervention:
                AskPerson(moment, policy, error, message);
                return;
        }

        state.Error = new RunError(error.Code, message, moment.Step.Name, error.HttpStatus, error.Details?.DeepClone(), policy.Kind == PolicyKind.RejectRequest);
        switch (policy.Kind)
        {
            case PolicyKind.Rollback when state.Compensations.Count > 0:
                state.RollingBack = true;
                state.Attempt = 0;
                break;
            case PolicyKind.Escalate:
                End(moment, RunStatus.Escalated);
                break;
            case PolicyKind.RejectRequest:
                state.Error = state.Error with { HttpStatus = RejectionStatus(moment, policy, error) };
                End(moment, RunStatus.Failed);
                break;
            default:
                End(moment, RunStatus.Failed);
                break;
        }
    }

    private static int RejectionStatus(StepMoment moment, FailurePolicy policy, StepError error)
    {
        try
        {
            if (policy.Status?.Evaluate(moment.Scope.WithError(error, moment.Step.Name)) is { } given
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
        var state = moment.State;
        var team = policy.Team?.Evaluate(moment.Scope);
        state.Wait = new Wait(
            WaitKind.Human, moment.Step.Name, moment.Visit,
            new JsonObject
            {
                ["team"] = team,
                ["subject"] = $"{moment.Step.Name} failed",
                ["message"] = message,
                ["evidence"] = new JsonObject { ["code"] = error.Code, ["details"] = error.Details?.DeepClone() },
            },
            moment.Now, FromPolicy: true);
        state.Status = RunStatus.WaitingForHuman;
        state.Steps[moment.Step.Name] = state.Steps[moment.Step.Name] with { Status = StepStatus.Waiting };
    }

    /// <summary>Undoes the newest step that isn't undone yet; a compensation that can't be done is a matter for people.</summary>
    private async ValueTask<StepAttempt> UndoNextAsync(Rule rule, RunState state, IRunServices services, CancellationToken cancellationToken)
    {
        var compensation = state.Compensations[^1];
        var step = rule.FindStep(compensation.Step)!;
        var undo = new StepMoment(rule, state, step, compensation.Visit, state.Attempt + 1, clock.GetUtcNow(), "/undo") { Input = compensation.Parameters };
        var limit = step.Timeout ?? DefaultTimeout;
        var call = new StepCall(this, undo, compensation.Parameters is null ? [] : (JsonObject)compensation.Parameters.DeepClone(), undo.Now + limit, services);
        var outcome = await ExecuteWithinAsync(step.Compensate!, call, limit, cancellationToken);
        var ended = clock.GetUtcNow();
        state.WakeAt = null;
        state.Status = RunStatus.Running;
        var error = (outcome as StepOutcome.Failed)?.Error ?? (outcome is StepOutcome.Succeeded ? null : new StepError("cannot_wait", "A compensation can't wait.", Retryable: false));
        if (error is null)
        {
            state.Compensations.RemoveAt(state.Compensations.Count - 1);
            state.Attempt = 0;
            if (state.Compensations.Count == 0) End(undo, RunStatus.Failed);
        }
        else if (!TryAgain(undo, RetryPlan.Default, error, ended))
        {
            state.Error = new RunError("compensation_failed", $"'{step.Name}' can't be undone: {error.Message} (after: {state.Error?.Message})", step.Name, null, error.Details?.DeepClone());
            End(undo, RunStatus.Escalated);
        }
        else
        {
            state.Attempt = undo.Attempt;
        }

        return undo.ToAttempt(ended, new StepResult { Status = error is null ? StepStatus.Success : StepStatus.Failed, Output = (outcome as StepOutcome.Succeeded)?.Output, Error = error });
    }
}
