using Dox.Workflows.Actions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <content>Lanes: begun in their order, followed side by side, joined when enough of them ended.</content>
public sealed partial class RuleInterpreter
{
    /// <summary>
    /// Follows the lanes of a step until they are decided, or none of them can go on now. Lanes are begun one after another, and each runs until it
    /// first has to wait for something: a run whose steps answer at once always takes the same path.
    /// </summary>
    private async ValueTask FollowLanesAsync(Walk walk, Place place, RuleStep step, FanOutOperation operation, CancellationToken cancellationToken)
    {
        if (place.Track.FanOut is null && !await BeginLanesAsync(walk, place, step, operation, cancellationToken)) return;
        if (place.Track.FanOut is not { } fan) return;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var active = new Dictionary<Lane, Task>();
        try
        {
            while (await NextLaneAsync(walk, place, operation, fan, active, cancellationToken) is var (next, wakeAt))
            {
                if (next is not null) active[next.Lane] = FollowAsync(walk, next.Place, ending.Token).AsTask();
                else if (active.Count == 0) return;
                else await WaitForOneAsync(active, wakeAt, cancellationToken);
                await ReapAsync(active);
            }

            TellToStop(ending);
            await StoppedAsync(active);
        }
        catch
        {
            TellToStop(ending);
            await StoppedAsync(active);
            throw;
        }

        await JoinAsync(walk, place, step, operation, fan, cancellationToken);
    }

    /// <summary>False: the step was passed over, or failed, or its lane isn't needed any more.</summary>
    private async ValueTask<bool> BeginLanesAsync(Walk walk, Place place, RuleStep step, FanOutOperation operation, CancellationToken cancellationToken)
    {
        var moment = Begin(place, step);
        StepOutcome? broken = null;
        if (place.Track.Attempt == 0 && IsPassedOver(moment, out broken))
        {
            await PassOverAsync(walk, moment, cancellationToken);
            return false;
        }

        var fan = broken is null ? Lanes(moment, operation, out broken) : null;
        if (fan is null)
        {
            await EndAttemptAsync(walk, moment, broken!, cancellationToken);
            return false;
        }

        walk.BeginSharing();
        using var turn = await walk.EnterAsync(cancellationToken);
        if (place.IsDropped) return false;
        (place.Track.FanOut, place.Track.WakeAt, place.Track.Status) = (fan, null, RunStatus.Running);
        place.Run.LaneCount += fan.Total;
        return true;
    }

    /// <summary>The step's lanes, none of them begun; null where there can't be any, and why.</summary>
    private static FanOut? Lanes(StepMoment moment, FanOutOperation operation, out StepOutcome? broken)
    {
        var place = moment.Place;
        var counted = place.Track.LaneVisits?.GetValueOrDefault(moment.Step.Name);
        var visitsFrom = moment.Attempt > 1 && counted is not null ? counted.From : Math.Max(place.FanOut?.VisitsFrom ?? 0, counted?.To ?? 0);
        try
        {
            moment.Input = operation.Bind(moment.Scope);
            var fan = operation.Begin(moment, moment.Input, visitsFrom);
            broken = place.Run.LaneCount + fan.Total > MostLanes ? StepOutcome.Failure("too_many_lanes", $"The run would have more than {MostLanes:N0} lanes.", retryable: false) : null;
            return broken is null ? fan : null;
        }
        catch (ExpressionException error)
        {
            broken = BadExpression(error);
        }
        catch (StepParameterException error)
        {
            broken = StepOutcome.Failure("invalid_parameter", error.Message, retryable: false);
        }

        return null;
    }

    /// <summary>The next lane that can go on, or when one can; null once it is decided how the step ends.</summary>
    private async ValueTask<(Next? Next, DateTimeOffset? WakeAt)?> NextLaneAsync(
        Walk walk, Place place, FanOutOperation operation, FanOut fan, Dictionary<Lane, Task> active, CancellationToken cancellationToken)
    {
        walk.BeginSharing();
        using var turn = await walk.EnterAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (place.IsDropped || place.Track.FanOut != fan || fan.IsDecided || fan.Until <= now) return null;
        if (walk.Services.StopRequested) return (null, null);
        var wakeAt = fan.Until;
        foreach (var lane in fan.Lanes)
        {
            if (active.ContainsKey(lane)) continue;
            if (IsDue(lane, now)) return (new Next(lane, place.Of(lane)), null);
            if (lane.WakeAt is { } at && (wakeAt is null || at < wakeAt)) wakeAt = at;
        }

        if (!fan.HasRoom) return (null, wakeAt);
        var begun = BeginLane(place, operation, fan);
        return (new Next(begun, place.Of(begun)), null);
    }

    private static Lane BeginLane(Place place, FanOutOperation operation, FanOut fan)
    {
        var lane = new Lane { Name = operation.NameOf(fan.Begun), Index = fan.Begun, Status = RunStatus.Running };
        fan.Begun++;
        fan.Lanes.Add(lane);
        lane.Cursor = operation.BodyOf(lane).Steps[0].Name;
        // Its beginning is written down with its first attempt, so it has the time of what is written: its step's.
        lane.ReachedAt = place.Track.ReachedAt;
        return lane;
    }

    private static bool IsDue(Lane lane, DateTimeOffset now) => !(lane.IsWaiting && lane.WakeAt is null) && !(lane.WakeAt > now);

    /// <summary>Goes on until the lane ends or has to wait; its delays are sat out by whoever follows all of them.</summary>
    private async ValueTask FollowAsync(Walk walk, Place place, CancellationToken cancellationToken)
    {
        var lane = (Lane)place.Track;
        while (!lane.HasEnded && !place.IsDropped && !walk.Services.StopRequested && IsDue(lane, clock.GetUtcNow()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await TurnAsync(walk, place, cancellationToken);
        }
    }

    private async ValueTask WaitForOneAsync(Dictionary<Lane, Task> active, DateTimeOffset? wakeAt, CancellationToken cancellationToken)
    {
        Task first = Task.WhenAny(active.Values);
        if (wakeAt is null)
        {
            await first;
            return;
        }

        var delay = wakeAt.Value - clock.GetUtcNow();
        if (delay <= TimeSpan.Zero) return;
        await first.WaitAsync(Pause(delay), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private static async ValueTask ReapAsync(Dictionary<Lane, Task> active)
    {
        foreach (var (lane, task) in active)
        {
            if (!task.IsCompleted) continue;
            active.Remove(lane);
            await task;
        }
    }

    // Here and now: the asynchronous way would tell them on a thread of the pool, out of the caller's context
    private static void TellToStop(CancellationTokenSource ending) => ending.Cancel();

    /// <summary>Nothing of a lane goes on behind its run's back: what was told to stop is waited for.</summary>
    private static async ValueTask StoppedAsync(Dictionary<Lane, Task> active)
    {
        foreach (var task in active.Values) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    /// <summary>Lanes that are left are cancelled, each with a line of the journal; then the step ends.</summary>
    private async ValueTask JoinAsync(Walk walk, Place place, RuleStep step, FanOutOperation operation, FanOut fan, CancellationToken cancellationToken)
    {
        using var turn = await walk.EnterAsync(cancellationToken);
        if (place.IsDropped || place.Track.FanOut != fan) return;
        var reason = fan.Results.Count >= fan.Needed ? "enough lanes have succeeded" : fan.IsDecided ? "too many lanes have failed" : "the time is over";
        while (fan.Lanes.Count > 0) await CancelAsync(walk, place.Of(fan.Lanes[0]), fan, $"cancelled: {reason}", cancellationToken);

        var moment = new StepMoment(place, step, fan.Visit, fan.Attempt, clock.GetUtcNow()) { StartedAt = fan.StartedAt, Input = operation.Describe(fan) };
        moment.Decide($"{fan.Results.Count} of {fan.Total} lanes succeeded, {fan.Needed} needed", step.Line);
        var track = place.Track;
        track.LaneVisits ??= new Dictionary<string, LaneVisits>(StringComparer.Ordinal);
        track.LaneVisits[step.Name] = new LaneVisits(fan.VisitsFrom, Math.Max(fan.VisitsTo, track.LaneVisits.GetValueOrDefault(step.Name)?.To ?? 0));
        track.FanOut = null;
        await EndHeldAttemptAsync(walk, moment, OutcomeOf(fan, operation, step), cancellationToken);
    }

    private static StepOutcome OutcomeOf(FanOut fan, FanOutOperation operation, RuleStep step)
    {
        if (fan.Results.Count >= fan.Needed) return StepOutcome.Success(operation.Collect(fan));
        if (!fan.IsDecided) return StepOutcome.Failure("timeout", $"'{step.Name}' took longer than {step.Timeout?.TotalSeconds:0.###} s.", 504);
        var error = fan.Error!;
        return StepOutcome.Failure(error.Code, $"{error.Step}: {error.Message}", error.HttpStatus, error.Details?.DeepClone());
    }

    private async ValueTask CancelAsync(Walk walk, Place place, FanOut fan, string reason, CancellationToken cancellationToken)
    {
        var lane = (Lane)place.Track;
        // The innermost first: a lane that has lanes stands at their step
        while (lane.FanOut is { Lanes.Count: > 0 } inner) await CancelAsync(walk, place.Of(inner.Lanes[0]), inner, reason, cancellationToken);
        var step = place.Body.Find(lane.Cursor!)!;
        var moment = new StepMoment(place, step, lane.Attempt == 0 ? place.VisitsOf(step) + 1 : place.VisitsOf(step), lane.Attempt, clock.GetUtcNow())
        {
            Closes = lane.Wait is { } wait ? [wait] : [],
        };
        moment.Decide(reason, step.Line);
        lane.Status = RunStatus.Cancelled;
        Leave(fan, lane);
        await KeepAsync(walk, moment, moment.ToAttempt(new StepResult { Status = StepStatus.Cancelled }), hasEffect: false, cancellationToken);
    }

    /// <summary>The lane is one of its run's no longer; what it counted is remembered.</summary>
    private static void Leave(FanOut fan, Lane lane)
    {
        fan.Lanes.Remove(lane);
        foreach (var result in lane.Steps.Values) fan.VisitsTo = Math.Max(fan.VisitsTo, result.Visit);
        foreach (var counted in lane.LaneVisits?.Values ?? (IEnumerable<LaneVisits>)[]) fan.VisitsTo = Math.Max(fan.VisitsTo, counted.To);
        fan.VisitsTo = Math.Max(fan.VisitsTo, lane.FanOut?.VisitsTo ?? 0);
    }

    /// <summary>What a track with lanes can do follows from what they can.</summary>
    private static void Settle(Track track)
    {
        if (track.FanOut is not { } fan || track.Status == RunStatus.Paused) return;
        var (status, wakeAt, canGoOn) = (RunStatus.Retry, fan.Until, fan.IsDecided || fan.HasRoom);
        foreach (var lane in fan.Lanes)
        {
            Settle(lane);
            if (!lane.IsWaiting && lane.WakeAt is null) canGoOn = true;
            if (lane.WakeAt is { } at && (wakeAt is null || at < wakeAt)) wakeAt = at;
            if (lane.Status == RunStatus.WaitingForHuman) status = RunStatus.WaitingForHuman;
            else if (lane.IsWaiting && status == RunStatus.Retry) status = RunStatus.Waiting;
        }

        (track.Status, track.WakeAt) = canGoOn ? (RunStatus.Running, null) : (status, wakeAt);
    }

    private sealed record Next(Lane Lane, Place Place);
}
