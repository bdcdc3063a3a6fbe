using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>
/// Runs rules, embedded and durable ones alike. It keeps nothing itself: everything that a run is stands in its <see cref="RunState"/>, which
/// changes only once an attempt is over. Whoever is killed in between goes on from the last checkpoint, with the same idempotency keys.
/// Safe for many runs at once; one run belongs to one caller at a time.
/// </summary>
/// <param name="clock">The only source of time.</param>
public sealed partial class RuleInterpreter(TimeProvider clock)
{
    /// <summary>What an attempt may take when its step sets no <c>timeout_seconds</c>.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(5);

    /// <summary>A run that has begun this many steps is in an endless loop.</summary>
    public const int MostVisits = 10_000;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    /// <summary>
    /// Goes on until the run ends, waits for longer than <see cref="IRunServices.LongestPause"/>, or is told to stop.
    /// </summary>
    /// <exception cref="ArgumentException">The state belongs to another rule, or to another text of it.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the attempt that was under way counts as not made.</exception>
    public async ValueTask AdvanceAsync(Rule rule, RunState state, IRunServices services, CancellationToken cancellationToken)
    {
        CheckRule(rule, state);
        while (!state.HasEnded)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (services.StopRequested || !await PauseAsync(state, services, cancellationToken)) return;
            StepAttempt attempt;
            bool hasEffect;
            if (state.RollingBack) (attempt, hasEffect) = (await UndoNextAsync(rule, state, services, cancellationToken), true);
            else if (state.Wait is { Kind: not WaitKind.AbsentPart } wait) (attempt, hasEffect) = (Expire(rule, state, wait), true);
            else (attempt, hasEffect) = await RunStepAsync(rule, state, services, cancellationToken);
            await services.CheckpointAsync(rule, state, attempt, hasEffect || state.HasEnded || state.Wait is not null || state.WakeAt is not null, cancellationToken);
        }
    }

    private static void CheckRule(Rule rule, RunState state)
    {
        if (rule.Hash != state.RuleHash) throw new ArgumentException($"The run {state.RunId} was started with another text of {state.RuleName}.", nameof(rule));
    }

    /// <summary>False: the run isn't runnable now.</summary>
    private async ValueTask<bool> PauseAsync(RunState state, IRunServices services, CancellationToken cancellationToken)
    {
        if (state.Status == RunStatus.Paused || (state.Wait is not null && state.WakeAt is null)) return false;
        while (state.WakeAt is { } wakeAt)
        {
            var delay = wakeAt - clock.GetUtcNow();
            if (delay <= TimeSpan.Zero) break;
            if (delay > services.LongestPause) return false;
            await Task.Delay(delay < LongestDelay ? delay : LongestDelay, clock, cancellationToken);
        }

        return true;
    }

    private async ValueTask<(StepAttempt Attempt, bool HasEffect)> RunStepAsync(Rule rule, RunState state, IRunServices services, CancellationToken cancellationToken)
    {
        var step = rule.FindStep(state.Cursor!) ?? throw new ArgumentException($"The run {state.RunId} stands at '{state.Cursor}', which {rule} doesn't have.", nameof(state));
        var visits = state.Visits.GetValueOrDefault(step.Name);
        var visit = state.Attempt == 0 ? visits + 1 : visits;
        var moment = new StepMoment(rule, state, step, visit, state.Attempt + 1, clock.GetUtcNow());
        StepOutcome? broken = null;
        if (state.Attempt == 0 && IsPassedOver(moment, out broken))
        {
            PassOver(moment);
            return (moment.ToAttempt(moment.Now), false);
        }

        var outcome = broken ?? await ExecuteAsync(moment, services, cancellationToken);
        var ended = clock.GetUtcNow();
        state.Visits[step.Name] = visit;
        state.Attempt = moment.Attempt;
        state.WakeAt = null;
        state.Wait = null;
        state.Status = RunStatus.Running;
        Apply(moment, outcome, ended);
        if (!state.HasEnded && state.Visits.Count > 0 && TooManyVisits(state)) EndFailed(moment, new StepError("endless_loop", $"The run began more than {MostVisits:N0} steps.", Retryable: false), rejected: false);
        return (moment.ToAttempt(ended), step.HasEffect);
    }

    private static bool TooManyVisits(RunState state)
    {
        var sum = 0;
        foreach (var visits in state.Visits.Values) sum += visits;
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

    private async ValueTask<StepOutcome> ExecuteAsync(StepMoment moment, IRunServices services, CancellationToken cancellationToken)
    {
        var limit = moment.Step.Timeout ?? DefaultTimeout;
        try
        {
            moment.Input = moment.Step.Operation.Bind(moment.Scope);
            var call = new StepCall(this, moment, moment.Input, moment.Now + limit, services);
            return moment.Step.Operation.IsImmediate
                ? await moment.Step.Operation.ExecuteAsync(call, cancellationToken)
                : await ExecuteWithinAsync(moment.Step.Operation, call, limit, cancellationToken);
        }
        catch (ExpressionException error)
        {
            return BadExpression(error);
        }
    }

    private async ValueTask<StepOutcome> ExecuteWithinAsync(Actions.StepOperation operation, StepCall call, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await operation.ExecuteAsync(call, linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return timer.IsCancellationRequested
                ? StepOutcome.Failure("timeout", $"'{call.Step.Name}' took longer than {limit.TotalSeconds:0.###} s.", 504)
                : StepOutcome.Failure("cancelled", $"'{call.Step.Name}' gave up.");
        }
        catch (StepParameterException error)
        {
            return StepOutcome.Failure("invalid_parameter", error.Message, retryable: false);
        }
#pragma warning disable CA1031 // Whatever a handler throws is a failure of its step, never of the run's neighbours
        catch (Exception error) when (error is not OperationCanceledException and not ExpressionException)
#pragma warning restore CA1031
        {
            return StepOutcome.Failure("step_error", error.Message);
        }
    }
}
