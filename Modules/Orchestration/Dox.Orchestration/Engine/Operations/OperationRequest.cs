using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine.Operations;

/// <summary>A verb that somebody wants done to a run.</summary>
/// <param name="Verb">What.</param>
/// <param name="Run">To which run.</param>
/// <param name="By">Who asks.</param>
internal sealed record OperationRequest(Verb Verb, Id<Workflow> Run, Caller By)
{
    /// <summary>Why, in words.</summary>
    public string? Reason { get; init; }

    /// <summary>Of cancel: undo first what the run did.</summary>
    public bool Rollback { get; init; }

    /// <summary>Of signal: the event's name.</summary>
    public string? Event { get; init; }

    /// <summary>Of signal: the event's data, the waiting step's result. Of context: a JSON merge patch.</summary>
    public JsonObject? Data { get; init; }

    /// <summary>What the journal and the run's error say.</summary>
    public string Why => Reason is null ? $"{Verbs.Name(Verb)} by {By.User}" : $"{Verbs.Name(Verb)} by {By.User}: {Reason}";
}

/// <summary>What became of it.</summary>
/// <param name="Run">The run.</param>
/// <param name="From">Its state before.</param>
/// <param name="To">Its state now.</param>
/// <param name="IsPending">A step runs right now: it is done before the next one, or at once where the step gives up.</param>
internal sealed record OperationResult(Id<Workflow> Run, RunStatus From, RunStatus To, bool IsPending = false);

/// <summary>Why a verb can't be done.</summary>
internal static class Refusals
{
    public static DoxException NotInState(Verb verb, RunStatus state)
    {
        var possible = string.Join(", ", Verbs.In(state).Select(Verbs.Name));
        return Refusal("workflow_state_conflict", verb, state, $"A run that is {Verbs.Name(state)} can't be {Done(verb)}. Possible now: {possible}.");
    }

    public static DoxException Busy(Verb verb, RunStatus state) =>
        Refusal("workflow_busy", verb, state, $"A step of the run is under way, so it can't be {Done(verb)} now. Pause it first, or try again in a moment.", TimeSpan.FromSeconds(1));

    public static DoxException Ending(Verb verb, RunStatus state, string by) =>
        Refusal("workflow_being_cancelled", verb, state, $"The run is being cancelled, as {by} asked; nothing more can be done with it.");

    public static DoxException Because(string code, Verb verb, RunStatus state, string message) => Refusal(code, verb, state, message);

    private static DoxException Refusal(string code, Verb verb, RunStatus state, string message, TimeSpan? retryAfter = null) => new(409, code, message)
    {
        RetryAfter = retryAfter,
        Details = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["verb"] = Verbs.Name(verb),
            ["state"] = Verbs.Name(state),
            ["possible"] = string.Join(", ", Verbs.In(state).Select(Verbs.Name)),
        },
    };

    private static string Done(Verb verb) => verb switch
    {
        Verb.Pause => "paused",
        Verb.Resume => "resumed",
        Verb.Cancel => "cancelled",
        Verb.Retry => "retried",
        Verb.Skip => "made to skip its step",
        Verb.Signal => "signalled",
        Verb.Context => "given another context",
        _ => "replayed",
    };
}
