using System.Text.Json.Nodes;
using Dox.Workflows.Actions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>What an operator's act made of a run.</summary>
/// <param name="Step">The path of the step that it was about; null where it was about the run.</param>
/// <param name="Visit">That step's visit.</param>
/// <param name="Decision">Where the run goes now, and why, where its rule decided that.</param>
/// <param name="Closes">Waits that nobody needs to answer any more.</param>
public sealed record Operation(string? Step, int Visit, string? Decision, IReadOnlyList<Wait> Closes)
{
    /// <summary>Of a cancelled run, or of a step that is passed over: the steps that start another run, at which it or its lanes stood.</summary>
    public IReadOnlyList<StartingStep> Abandons { get; init; } = [];

    /// <summary>Of a cancelled run: what it did is undone.</summary>
    public bool Undoes { get; init; }
}

/// <summary>A step that starts another run.</summary>
/// <param name="Path">The step's path.</param>
/// <param name="Visit">Its visit, from 1.</param>
public readonly record struct StartingStep(string Path, int Visit);

/// <content>What operators do to a run that nobody advances. Whether they may is the host's matter; whether the state allows it is checked here.</content>
public sealed partial class RuleInterpreter
{
    private static readonly Operation OfTheRun = new(null, 0, null, []);

    /// <summary>Holds the run before its next step. What it waits for can still be answered; it goes on only once it is resumed.</summary>
    /// <returns>Null where the run is paused already, or has ended: nothing was changed.</returns>
    public static Operation? Pause(RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.HasEnded || state.Status == RunStatus.Paused) return null;
        (state.PausedFrom, state.Status) = (state.Status, RunStatus.Paused);
        return OfTheRun;
    }

    /// <summary>Lets a paused run go on from where it stands: a delay that ran out meanwhile is over, a wait goes on.</summary>
    /// <returns>Null where it isn't paused.</returns>
    public static Operation? Resume(RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Status != RunStatus.Paused) return null;
        (state.Status, state.PausedFrom) = (state.PausedFrom ?? RunStatus.Running, null);
        // Lanes may have been answered meanwhile
        Settle(state);
        return OfTheRun;
    }

    /// <summary>Ends the run, or lets it undo what it did and end then.</summary>
    /// <param name="rule">Its rule.</param>
    /// <param name="state">The run.</param>
    /// <param name="why">What its error says from now on.</param>
    /// <param name="rollback">Whether compensations are run first; without any the run ends at once.</param>
    /// <returns>Null where it has ended.</returns>
    public Operation? Cancel(Rule rule, RunState state, string why, bool rollback)
    {
        CheckRule(rule, state);
        if (state.HasEnded) return null;
        var (closes, abandons) = (state.Waits.ToList(), Starting(Place.OfRun(rule, state)).ToList());
        var step = state.Cursor;
        state.Error = new RunError("cancelled", why, step);
        Stop(state, RunStatus.Cancelled);
        (state.PausedFrom, state.SkipNext) = (null, null);
        if (rollback && state.Compensations.Count > 0)
            (state.RollingBack, state.EndsCancelled, state.Status) = (true, true, RunStatus.Running);
        else
            (state.RollingBack, state.EndedAt) = (false, clock.GetUtcNow());
        return new Operation(step, 0, state.RollingBack ? $"undoes {state.Compensations.Count} steps first" : null, closes) { Abandons = abandons, Undoes = rollback };
    }

    /// <summary>Has the step passed over at which the run stands, or failed, as if its <c>when</c> had been false: it is the next thing that the run does.</summary>
    /// <returns>Null where there is no such step: the run succeeded, was cancelled, or is undoing what it did.</returns>
    public Operation? Skip(Rule rule, RunState state, string why)
    {
        CheckRule(rule, state);
        if (state.RollingBack || StepOf(rule, state) is not { } step) return null;
        var paused = state.Status == RunStatus.Paused;
        var (closes, abandons) = (state.Waits.ToList(), state.HasEnded ? [] : Starting(Place.OfRun(rule, state)).ToList());
        Reopen(state, step, state.HasEnded ? AttemptsOf(state, step) : state.Attempt);
        state.SkipNext = why;
        if (paused) Pause(state);
        return new Operation(step.Name, Place.OfRun(rule, state).VisitsOf(step), null, closes) { Abandons = abandons };
    }

    /// <summary>
    /// Has the step that failed tried once more: of a run that ended so, of one that waits for a person because of it, of one that sits out a
    /// delay. The attempt has the keys of those before it; a step that had succeeded, and led to the failure, is a new visit.
    /// </summary>
    /// <returns>Null where nothing failed, or what came before it was undone.</returns>
    public Operation? Retry(Rule rule, RunState state, string why)
    {
        CheckRule(rule, state);
        if (state.Status == RunStatus.Paused) return null;
        if (Hurry(state, clock.GetUtcNow())) return new Operation(state.Cursor, 0, "tried again at once", []);
        if (state.Waits.FirstOrDefault(wait => wait is { Kind: WaitKind.Human, FromPolicy: true }) is { } wait)
        {
            var answered = Answer(rule, state, new WaitAnswer(wait.Step, wait.Visit, WaitDecision.TryAgain, Reason: why))!;
            return new Operation(wait.Step, wait.Visit, answered.Decision, [wait]);
        }

        if (state.Status is not (RunStatus.Failed or RunStatus.Escalated)) return null;
        if (state is { Error.Code: "compensation_failed", Compensations.Count: > 0 })
        {
            (state.Status, state.EndedAt, state.RollingBack, state.Attempt) = (RunStatus.Running, null, true, 0);
            return new Operation(state.Compensations[^1].Step, state.Compensations[^1].Visit, "goes on undoing", []);
        }

        if (state.IsUndone || StepOf(rule, state) is not { } step) return null;
        Reopen(state, step, state.Steps.TryGetValue(step.Name, out var result) && result.Status == StepStatus.Success ? 0 : AttemptsOf(state, step));
        if (state.Attempt == 0) state.ReachedAt = clock.GetUtcNow();
        return new Operation(step.Name, result?.Visit ?? 0, "tried once more", []);
    }

    /// <summary>Changes the names that steps produced, as a JSON merge patch says (RFC 7396): null takes a name away.</summary>
    /// <returns>The changed names as they were before; null where there was none.</returns>
    public static JsonObject Alter(RunState state, JsonObject patch)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(patch);
        var before = new JsonObject();
        foreach (var (name, value) in patch)
        {
            before[name] = state.Context.GetValueOrDefault(name)?.DeepClone();
            if (value is null) state.Context.Remove(name);
            else state.Context[name] = Merged(state.Context.GetValueOrDefault(name), value);
        }

        return before;
    }

    /// <summary>The step of the run itself that it stands at; of a run that ended, the one that decided that.</summary>
    private static RuleStep? StepOf(Rule rule, RunState state)
    {
        if (!state.HasEnded) return rule.FindStep(state.Cursor!);
        // Of a step in a lane, the lanes' step is the run's own
        return state.Status is RunStatus.Failed or RunStatus.Escalated && state.Error?.Step is { } path ? rule.FindStep(path.Split('/')[0]) : null;
    }

    /// <summary>
    /// The steps that start another run, at which the run or a lane stands, or may stand by now: a node that lost the run may have begun lanes that
    /// aren't written down. What is imagined for that is left in the state, which is about to be stopped.
    /// </summary>
    private List<StartingStep> Starting(Place place)
    {
        if (place.Run.RollingBack || place.Track.Cursor is not { } cursor || place.Body.Find(cursor) is not { } step) return [];
        if (step.Operation is RunWorkflow)
            return [new StartingStep(place.PathOf(step), place.Track.Wait?.Visit ?? (place.Track.Attempt == 0 ? place.VisitsOf(step) + 1 : place.VisitsOf(step)))];
        if (step.Operation is not FanOutOperation operation) return [];
        place.Track.FanOut ??= Imagined(place, step, operation);
        if (place.Track.FanOut is not { } fan) return [];
        while (fan.HasRoom) BeginLane(place, operation, fan);
        return [.. fan.Lanes.SelectMany(lane => Starting(place.Of(lane)))];
    }

    private FanOut? Imagined(Place place, RuleStep step, FanOutOperation operation)
    {
        var moment = Begin(place, step);
        return operation.BeginsRuns && !IsPassedOver(moment, out _) ? Lanes(moment, operation, out _) : null;
    }

    private static JsonNode Merged(JsonNode? target, JsonNode patch)
    {
        if (patch is not JsonObject changes) return patch.DeepClone();
        var merged = target is JsonObject before ? (JsonObject)before.DeepClone() : [];
        foreach (var (name, value) in changes)
        {
            if (value is null) merged.Remove(name);
            else merged[name] = Merged(merged[name], value);
        }

        return merged;
    }

    /// <summary>Ends the delays that attempts are put off by, in lanes too. False: there is none.</summary>
    private static bool Hurry(Track track, DateTimeOffset now)
    {
        var any = false;
        foreach (var lane in track.FanOut?.Lanes ?? []) any |= Hurry(lane, now);
        if (!any && !(track is { Status: RunStatus.Retry, FanOut: null } || track.Wait?.Kind == WaitKind.AbsentPart)) return false;
        track.WakeAt = now;
        return true;
    }

    private static int AttemptsOf(RunState state, RuleStep step) => state.Steps.TryGetValue(step.Name, out var result) ? result.Attempts : 0;

    private static void Reopen(RunState state, RuleStep step, int attempt)
    {
        Stop(state, RunStatus.Running);
        (state.Cursor, state.Attempt, state.EndedAt, state.PausedFrom, state.SkipNext, state.RollingBack) = (step.Name, attempt, null, null, null, false);
    }
}
