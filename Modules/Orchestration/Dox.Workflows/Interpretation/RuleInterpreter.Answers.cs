using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>How a wait was answered.</summary>
public enum WaitDecision
{
    /// <summary>Approved, arrived, done: the result is the step's.</summary>
    Done,

    /// <summary>Refused: the step has failed, with the reason.</summary>
    Refused,

    /// <summary>The step is to be tried again.</summary>
    TryAgain,
}

/// <summary>An answer to a wait.</summary>
/// <param name="Step">The path of the step that waits, as its <see cref="Wait"/> names it.</param>
/// <param name="Visit">Its visit, so that a late answer to an earlier wait isn't taken for this one's.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Result">The step's result. It belongs to the run afterwards.</param>
/// <param name="Reason">Why, in a person's words.</param>
/// <param name="To">What the answered wait waits for; null: whatever it is. A step that waited for a run may wait for a person in the same visit.</param>
public sealed record WaitAnswer(string Step, int Visit, WaitDecision Decision, JsonObject? Result = null, string? Reason = null, WaitKind? To = null);

/// <content>Answers to waits, the clock's among them.</content>
public sealed partial class RuleInterpreter
{
    /// <summary>
    /// Puts an answer in as the waiting step's result and chooses the next step. The caller keeps the state with the returned line of the
    /// journal, then advances the run.
    /// </summary>
    /// <returns>Null when the run doesn't wait for this answer (any more): nothing was changed.</returns>
    /// <exception cref="ArgumentException">The state belongs to another rule, or to another text of it.</exception>
    public StepAttempt? Answer(Rule rule, RunState state, WaitAnswer answer)
    {
        CheckRule(rule, state);
        if (state.HasEnded || Place.OfRun(rule, state).Find(answer.Step) is not { Track.Wait: { } wait } place || wait.Step != answer.Step || wait.Visit != answer.Visit || wait.Kind != (answer.To ?? wait.Kind)) return null;
        var paused = state.Status == RunStatus.Paused;
        var moment = AnswerTo(place, wait, answer);
        Settle(state);
        if (paused) Pause(state);
        return moment.ToAttempt();
    }

    private StepMoment AnswerTo(Place place, Wait wait, WaitAnswer answer)
    {
        var moment = EndWait(place, wait);
        moment.Input = (JsonObject?)answer.Result?.DeepClone();
        switch (answer.Decision)
        {
            case WaitDecision.Done:
                moment.Decide(answer.Reason ?? "answered", moment.Step.Line);
                Succeed(moment, answer.Result);
                break;
            case WaitDecision.TryAgain:
                moment.Decide(answer.Reason is null ? "tried again" : $"tried again: {answer.Reason}", moment.Step.Line);
                break;
            case WaitDecision.Refused when wait.FromPolicy:
                // Its failure policy asked for the person; asking again would never end
                moment.Decide("refused", moment.Step.Line);
                var before = place.Track.Error;
                Keep(moment, StepStatus.Failed, error: place.Track.Steps[moment.Step.Name].Error);
                EndFailed(moment, new StepError("refused", answer.Reason ?? before?.Message ?? "Refused.", before?.HttpStatus, answer.Result), rejected: false);
                break;
            default:
                FailStep(moment, new StepError("refused", answer.Reason ?? "Refused.", null, answer.Result, Retryable: false));
                break;
        }

        return moment;
    }

    private StepMoment EndWait(Place place, Wait wait)
    {
        var track = place.Track;
        var moment = new StepMoment(place, place.Body.Find(track.Cursor!)!, wait.Visit, track.Attempt, clock.GetUtcNow());
        (track.Wait, track.WakeAt, track.Status) = (null, null, RunStatus.Running);
        return moment;
    }

    /// <summary>The clock's answer: a timer is done, anything else waited too long.</summary>
    private async ValueTask ExpireAsync(Walk walk, Place place, Wait wait, CancellationToken cancellationToken)
    {
        using var turn = await walk.EnterAsync(cancellationToken);
        if (place.IsDropped) return;
        StepMoment moment;
        if (wait.Kind == WaitKind.Timer)
        {
            moment = AnswerTo(place, wait, new WaitAnswer(wait.Step, wait.Visit, WaitDecision.Done, Reason: "the time has come"));
        }
        else
        {
            moment = EndWait(place, wait);
            moment.Closes = [wait];
            FailStep(moment, new StepError("timeout", $"'{moment.Step.Name}' waited in vain.", 504, wait.Data?.DeepClone(), Retryable: false));
        }

        await KeepAsync(walk, moment, moment.ToAttempt(), hasEffect: true, cancellationToken);
    }

    /// <summary>Whether a <c>custom_logic</c> condition holds for a run that is about to start; one that can't be evaluated doesn't.</summary>
    /// <exception cref="ArgumentException">The condition is of another type: the host knows whether it holds.</exception>
    public bool Holds(Rule rule, RuleCondition condition, RunState state)
    {
        if (condition.Expression is not { } expression) throw new ArgumentException($"'{condition.Type}' is no custom_logic.", nameof(condition));
        return EvaluateOrNull(new WholeTemplate(expression), new EvaluationScope(Place.OfRun(rule, state), clock.GetUtcNow(), state.RunId)) is { } value && JsonValues.IsTrue(value);
    }

    // An expression that fails at the end must not take back a run that is done; its key is written as null
    private static JsonNode? EvaluateOrNull(Template template, EvaluationScope scope)
    {
        try
        {
            return template.Evaluate(scope);
        }
        catch (ExpressionException)
        {
            return null;
        }
    }
}
