using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Dox.Workflows.Actions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>
/// Runs rules, embedded and durable ones alike. It keeps nothing itself: everything that a run is stands in its <see cref="RunState"/>, which
/// changes only once an attempt is over. Whoever is killed in between goes on from the last checkpoint, with the same idempotency keys.
/// Safe for many runs at once; one run belongs to one caller at a time. Lanes of a run are followed side by side, its checkpoints one by one.
/// </summary>
/// <param name="clock">The only source of time.</param>
public sealed partial class RuleInterpreter(TimeProvider clock)
{
    /// <summary>What an attempt may take when its step sets no <c>timeout_seconds</c>.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>A run, or a lane of one, that has begun this many steps is in an endless loop.</summary>
    public const int MostVisits = 10_000;

    /// <summary>More lanes than that no run begins, all its steps and visits together.</summary>
    public const int MostLanes = 100_000;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    /// <summary>
    /// Goes on until the run ends, waits for longer than <see cref="IRunServices.LongestPause"/>, or is told to stop.
    /// </summary>
    /// <exception cref="ArgumentException">The state belongs to another rule, or to another text of it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the attempts that were under way count as not made.</exception>
    public async ValueTask AdvanceAsync(Rule rule, RunState state, IRunServices services, CancellationToken cancellationToken)
    {
        CheckRule(rule, state);
        if (state.HasEnded) return;
        var walk = new Walk(services);
        var place = Place.OfRun(rule, state);
        while (!state.HasEnded)
        {
            if (services.StopRequested) return;
            cancellationToken.ThrowIfCancellationRequested();
            // Again after a delay that was sat out: somebody may have asked for it meanwhile
            if (!await PauseAsync(state, services, cancellationToken) || services.StopRequested) return;
            if (state.RollingBack) await UndoNextAsync(walk, place, cancellationToken);
            else await TurnAsync(walk, place, cancellationToken);
        }
    }

    private static void CheckRule(Rule rule, RunState state)
    {
        if (rule.Hash != state.RuleHash) throw new ArgumentException($"The run {state.RunId} was started with another text of {state.RuleName}.", nameof(rule));
    }

    /// <summary>False: the run isn't runnable now.</summary>
    private async ValueTask<bool> PauseAsync(RunState state, IRunServices services, CancellationToken cancellationToken)
    {
        if (state.Status == RunStatus.Paused || (state.IsWaiting && state.WakeAt is null)) return false;
        while (state.WakeAt is { } wakeAt)
        {
            var delay = wakeAt - clock.GetUtcNow();
            if (delay <= TimeSpan.Zero) break;
            if (delay > services.LongestPause) return false;
            await Task.Delay(Pause(delay), clock, cancellationToken);
        }

        return true;
    }

    /// <summary>Whole milliseconds, upwards: a timer drops the rest, and would be set again and again until it has passed.</summary>
    private static TimeSpan Pause(TimeSpan delay) => delay < LongestDelay ? TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds)) : LongestDelay;

    /// <summary>One attempt of the step at the cursor, with its checkpoint; or all that its lanes can do now.</summary>
    private ValueTask TurnAsync(Walk walk, Place place, CancellationToken cancellationToken)
    {
        var track = place.Track;
        if (track.Wait is { Kind: not (WaitKind.AbsentPart or WaitKind.Workflow) } wait) return ExpireAsync(walk, place, wait, cancellationToken);
        var step = place.Body.Find(track.Cursor!)
            ?? throw new ArgumentException($"The run {place.Run.RunId} stands at '{track.Cursor}', which {place.Rule} doesn't have.", nameof(place));
        if (place.Run.SkipNext is { } why && place.Outer is null) return SkipAsync(walk, place, step, why, cancellationToken);
        return step.Operation is FanOutOperation lanes
            ? FollowLanesAsync(walk, place, step, lanes, cancellationToken)
            : AttemptAsync(walk, place, step, cancellationToken);
    }

    private StepMoment Begin(Place place, RuleStep step)
    {
        var visits = place.VisitsOf(step);
        var begins = clock.GetUtcNow();
        return new StepMoment(place, step, place.Track.Attempt == 0 ? visits + 1 : visits, place.Track.Attempt + 1, place.Track.ReachedAt ?? place.Run.StartedAt)
        {
            StartedAt = begins,
            Ended = begins,
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AttemptAsync(Walk walk, Place place, RuleStep step, CancellationToken cancellationToken)
    {
        var moment = Begin(place, step);
        StepOutcome? broken = null;
        if (place.Track.Attempt == 0 && IsPassedOver(moment, out broken))
        {
            await PassOverAsync(walk, moment, cancellationToken);
            return;
        }

        var outcome = broken ?? await ExecuteAsync(moment, walk.Services, cancellationToken);
        await EndAttemptAsync(walk, moment, outcome, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask PassOverAsync(Walk walk, StepMoment moment, CancellationToken cancellationToken)
    {
        using var turn = await walk.EnterAsync(cancellationToken);
        if (moment.Place.IsDropped) return;
        PassOver(moment, $"skipped: {moment.Step.When!.Source} is false");
        await KeepAsync(walk, moment, moment.ToAttempt(), hasEffect: false, cancellationToken);
    }

    private async ValueTask SkipAsync(Walk walk, Place place, RuleStep step, string why, CancellationToken cancellationToken)
    {
        var visits = place.VisitsOf(step);
        var moment = new StepMoment(place, step, place.Track.Attempt == 0 ? visits + 1 : visits, attempt: 0, clock.GetUtcNow());
        place.Run.SkipNext = null;
        PassOver(moment, why);
        await KeepAsync(walk, moment, moment.ToAttempt(), hasEffect: true, cancellationToken);
    }

    /// <summary>Makes of the track what the outcome means for it, and writes it down.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask EndAttemptAsync(Walk walk, StepMoment moment, StepOutcome outcome, CancellationToken cancellationToken)
    {
        using var turn = await walk.EnterAsync(cancellationToken);
        if (!moment.Place.IsDropped) await EndHeldAttemptAsync(walk, moment, outcome, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask EndHeldAttemptAsync(Walk walk, StepMoment moment, StepOutcome outcome, CancellationToken cancellationToken)
    {
        var track = moment.Track;
        moment.Ended = clock.GetUtcNow();
        track.Attempt = moment.Attempt;
        track.WakeAt = null;
        track.Wait = null;
        track.Status = RunStatus.Running;
        Apply(moment, outcome);
        if (!track.HasEnded && !moment.Run.HasEnded && HasTooManyVisits(moment.Place))
            EndFailed(moment, new StepError("endless_loop", $"The run began more than {MostVisits:N0} steps.", Retryable: false), rejected: false);
        await KeepAsync(walk, moment, moment.ToAttempt(), moment.Step.HasEffect, cancellationToken);
    }

    /// <summary>The checkpoint after an attempt.</summary>
    private static ValueTask KeepAsync(Walk walk, StepMoment moment, StepAttempt attempt, bool hasEffect, CancellationToken cancellationToken)
    {
        var (run, track) = (moment.Run, moment.Track);
        Settle(run);
        var mustPersist = hasEffect || run.HasEnded || run.RollingBack || track.Wait is not null || track.WakeAt is not null || run.WakeAt is not null || run.IsWaiting;
        return walk.Services.CheckpointAsync(moment.Rule, run, attempt, mustPersist || MayStartRun(moment.Place), cancellationToken);
    }

    /// <summary>Whether what comes next may start another run: whoever cancels this one then must find written down where it stands.</summary>
    private static bool MayStartRun(Place place)
    {
        if (place.Track.HasEnded) return place.Outer is { } outer && outer.Body.Find(outer.Track.Cursor!)?.Operation is FanOutOperation { BeginsRuns: true };
        return place.Track.Cursor is { } cursor && place.Body.Find(cursor)?.Operation is RunWorkflow or FanOutOperation { BeginsRuns: true };
    }

    private static bool HasTooManyVisits(Place place)
    {
        var from = place.FanOut?.VisitsFrom ?? 0;
        var sum = 0;
        foreach (var result in place.Track.Steps.Values) sum += result.Visit - from;
        return sum > MostVisits;
    }

    private static bool IsPassedOver(StepMoment moment, out StepOutcome? broken)
    {
        broken = null;
        if (moment.Step.When is not { } when) return false;
        try
        {
            return !when.IsTrue(moment.Scope);
        }
        catch (ExpressionException error)
        {
            broken = BadExpression(error);
            return false;
        }
    }

    private static StepOutcome BadExpression(ExpressionException error) =>
        StepOutcome.Failure("bad_expression", error.Message, retryable: false);

    private ValueTask<StepOutcome> ExecuteAsync(StepMoment moment, IRunServices services, CancellationToken cancellationToken)
    {
        var operation = moment.Step.Operation;
        JsonObject parameters;
        try
        {
            if (operation.Compute(moment.Scope, out var input) is { } result)
            {
                moment.Input = input;
                return new(result);
            }

            moment.Input = parameters = operation.Bind(moment.Scope);
        }
        catch (ExpressionException error)
        {
            return new(BadExpression(error));
        }

        return ExecuteAsync(operation, new StepCall(this, moment, parameters, moment.Step.Timeout ?? DefaultTimeout, services), cancellationToken);
    }

    /// <summary>A time-out is armed only for what isn't done at once: most steps of a process are.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<StepOutcome> ExecuteAsync(StepOperation operation, StepCall call, CancellationToken cancellationToken)
    {
        if (operation.IsImmediate) return await GuardAsync(operation, call, null, cancellationToken);
        var limit = call.Place.RentLimit();
        try
        {
            return await GuardAsync(operation, call, limit, cancellationToken);
        }
        finally
        {
            call.Place.ReturnLimit();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<StepOutcome> GuardAsync(StepOperation operation, StepCall call, CancellationTokenSource? limit, CancellationToken cancellationToken)
    {
        try
        {
            if (limit is null) return await operation.ExecuteAsync(call, cancellationToken);
            await using var registration = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), limit);
            var running = operation.ExecuteAsync(call, limit.Token);
            if (running.IsCompleted) return await running;
            await using var timer = clock.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), limit, call.Limit, Timeout.InfiniteTimeSpan);
            return await running;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return limit?.IsCancellationRequested == true
                ? StepOutcome.Failure("timeout", $"'{call.Step.Name}' took longer than {call.Limit.TotalSeconds:0.###} s.", 504)
                : StepOutcome.Failure("cancelled", $"'{call.Step.Name}' gave up.");
        }
        catch (StepParameterException error)
        {
            return StepOutcome.Failure("invalid_parameter", error.Message, retryable: false);
        }
        catch (ExpressionException error)
        {
            return BadExpression(error);
        }
#pragma warning disable CA1031 // Whatever a handler throws is a failure of its step, never of the run's neighbours
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            return StepOutcome.Failure("step_error", error.Message);
        }
    }
}
