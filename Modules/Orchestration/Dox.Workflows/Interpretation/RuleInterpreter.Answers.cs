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
/// <param name="Step">The step that waits.</param>
/// <param name="Visit">Its visit, so that a late answer to an earlier wait isn't taken for this one's.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="Result">The step's result. It belongs to the run afterwards.</param>
/// <param name="Reason">Why, in a person's words.</param>
public sealed record WaitAnswer(string Step, int Visit, WaitDecision Decision, JsonObject? Result = null, string? Reason = null);

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
        if (state.HasEnded || state.Wait is not { } wait || wait.Step != answer.Step || wait.Visit != answer.Visit) return null;
        return Answer(rule, state, wait, answer);
    }

    private StepAttempt Answer(Rule rule, RunState state, Wait wait, WaitAnswer answer)
    {
        var moment = new StepMoment(rule, state, rule.FindStep(wait.Step)!, wait.Visit, state.Attempt, clock.GetUtcNow()) { Input = (JsonObject?)answer.Result?.DeepClone() };
        state.Wait = null;
        state.WakeAt = null;
        state.Status = RunStatus.Running;
        switch (answer.Decision)
        {
            case WaitDecision.Done:
                moment.Decide(answer.Reason ?? "answered", moment.Step.Line);
                Succeed(moment, answer.Result, moment.Now);
                break;
            case WaitDecision.TryAgain:
                moment.Decide(answer.Reason is null ? "tried again" : $"tried again: {answer.Reason}", moment.Step.Line);
                break;
            case WaitDecision.Refused when wait.FromPolicy:
                // Its failure policy asked for the person; asking again would never end
                moment.Decide("refused", moment.Step.Line);
                var before = state.Error;
                Keep(moment, StepStatus.Failed, moment.Now, error: state.Steps[wait.Step].Error);
                EndFailed(moment, new StepError("refused", answer.Reason ?? before?.Message ?? "Refused.", before?.HttpStatus, answer.Result), rejected: false);
                break;
            default:
                FailStep(moment, new StepError("refused", answer.Reason ?? "Refused.", null, answer.Result, Retryable: false), moment.Now);
                break;
        }

        return moment.ToAttempt(moment.Now);
    }

    /// <summary>The clock's answer: a timer is done, anything else waited too long.</summary>
    private StepAttempt Expire(Rule rule, RunState state, Wait wait)
    {
        if (wait.Kind == WaitKind.Timer) return Answer(rule, state, wait, new WaitAnswer(wait.Step, wait.Visit, WaitDecision.Done, Reason: "the time has come"));
        var moment = new StepMoment(rule, state, rule.FindStep(wait.Step)!, wait.Visit, state.Attempt, clock.GetUtcNow());
        state.Wait = null;
        state.WakeAt = null;
        state.Status = RunStatus.Running;
        FailStep(moment, new StepError("timeout", $"'{wait.Step}' waited in vain.", 504, wait.Data?.DeepClone(), Retryable: false), moment.Now);
        return moment.ToAttempt(moment.Now);
    }

    /// <summary>
    /// What the rule writes into memory banks, filled in from a run that ended. File names have <c>[service]</c> and <c>[team]</c> replaced;
    /// <c>"+1"</c> and the like stay as they are, for whoever writes the files.
    /// </summary>
    public IReadOnlyList<MemoryUpdate> MemoryUpdatesOf(Rule rule, RunState state)
    {
        CheckRule(rule, state);
        if (rule.MemoryUpdates.Count == 0) return [];
        var scope = new EvaluationScope(rule, state, state.EndedAt ?? clock.GetUtcNow(), state.RunId);
        var updates = new List<MemoryUpdate>(rule.MemoryUpdates.Count);
        foreach (var template in rule.MemoryUpdates)
        {
            var values = new JsonObject();
            foreach (var (key, value) in template.Update.Entries) values[key] = EvaluateOrNull(value, scope);
            updates.Add(new MemoryUpdate(FillFileName(template.File, rule, state), values));
        }

        return updates;
    }

    /// <summary>Whether a <c>custom_logic</c> condition holds for a run that is about to start; one that can't be evaluated doesn't.</summary>
    /// <exception cref="ArgumentException">The condition is of another type: the host knows whether it holds.</exception>
    public bool Holds(Rule rule, RuleCondition condition, RunState state)
    {
        if (condition.Expression is not { } expression) throw new ArgumentException($"'{condition.Type}' is no custom_logic.", nameof(condition));
        return EvaluateOrNull(new WholeTemplate(expression), new EvaluationScope(rule, state, clock.GetUtcNow(), state.RunId)) is { } value && JsonValues.IsTrue(value);
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

    private static string FillFileName(string file, Rule rule, RunState state)
    {
        var team = JsonValues.TryString(state.Facts?["team"]) ?? "Document";
        return file.Replace("[service_name]", rule.Service, StringComparison.Ordinal)
            .Replace("[service]", rule.Service, StringComparison.Ordinal)
            .Replace("[team]", team, StringComparison.Ordinal);
    }
}

/// <summary>A memory bank's update, filled in.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Update">What to put into it.</param>
public sealed record MemoryUpdate(string File, JsonObject Update);
