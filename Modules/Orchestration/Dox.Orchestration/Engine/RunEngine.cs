using System.Collections.Concurrent;
using System.Diagnostics;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine;

/// <summary>
/// Advances the runs that this node holds. What it accepted it runs from memory; the database is read for what is due and for what a dead
/// node left behind.
/// </summary>
internal sealed class RunEngine(
    RuleBook rules, RuleInterpreter interpreter, RunCheckpoints checkpoints, IRunStore store, RunOperations operations, RunClaims claims, RunMetrics metrics, INode node, EngineSignal signal,
    IContentStore content, IOptions<EngineOptions> options, TimeProvider clock, ILogger<RunEngine> log) : BackgroundService
{
    /// <summary>How many runs this node has in hand at most while it takes over those of a dead one: what isn't taken over lies still, and each held one is a state in memory.</summary>
    private const int MostTakenOver = 10_000;

    /// <summary>How many of them it takes with one look: the other nodes look too, and get theirs in between.</summary>
    private const int TakenOverAtOnce = 1000;

    private readonly EngineOptions _options = options.Value;
    private readonly ReadyRuns _ready = new(clock);
    // With the clock's timer in it: what ends a drain is time, and time is the clock's
    private readonly CancellationTokenSource _abort = new(Timeout.InfiniteTimeSpan, clock);
    private readonly ConcurrentDictionary<HeldRun, byte> _held = new(ReferenceEqualityComparer.Instance);
    private long _lookedTicks;
    private volatile bool _draining;
    private volatile bool _wantsRoom;

    /// <summary>Whether this node holds runs that it hasn't brought to rest.</summary>
    public bool IsBusy => !_held.IsEmpty;

    /// <summary>Whether it stops: no step is begun any more.</summary>
    public bool IsDraining => _draining;

    /// <summary>When this node last looked for work; null before the first time. UTC.</summary>
    public DateTimeOffset? LookedAt => Volatile.Read(ref _lookedTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>For how long the run has waited that has waited longest in this process's hands.</summary>
    public TimeSpan Lag => _ready.Lag;

    /// <summary>Goes on with a run that this node has the lease of.</summary>
    public void Take(HeldRun run)
    {
        _held[run] = default;
        _ready.Add(run);
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await node.JoinAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        _ready.Complete();
        _abort.CancelAfter(_options.DrainTimeout);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _abort.Dispose();
        _ready.Dispose();
        base.Dispose();
    }

    /// <summary>Works until it is stopped. It goes on wherever the caller's synchronisation context says.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, _options.Workers).Select(_ => WorkAsync()).Append(PollAsync(stoppingToken)));

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    private async Task PollAsync(CancellationToken cancellationToken)
    {
        // A long time ago: what a dead node left is looked for at once.
        var lookedForDead = clock.GetTimestamp() - (long)(_options.PollInterval.TotalSeconds * clock.TimestampFrequency) - 1;
        var heardWishes = lookedForDead;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // Until this look is over: a run that ends meanwhile makes room that it hasn't counted.
                _wantsRoom = true;
                var more = false;
                var looksAround = clock.GetElapsedTime(lookedForDead) >= _options.PollInterval;
                if (signal.TakeWish() || clock.GetElapsedTime(heardWishes) >= _options.PollInterval)
                {
                    await HearWishesAsync(cancellationToken);
                    heardWishes = clock.GetTimestamp();
                }

                // What is due gets its turn beside thousands of a dead node's.
                var mostDue = _options.Workers * 4;
                if (looksAround)
                {
                    // A killed node may have had thousands: there is no waiting between one portion and the next
                    var before = _held.Count;
                    do more = await TakeAsync(claims.AbandonedAsync, Math.Min(TakenOverAtOnce, MostTakenOver - _held.Count), TakenOverAtOnce / 2, cancellationToken);
                    while (more && _held.Count <= MostTakenOver - TakenOverAtOnce);
                    if (_held.Count > before) mostDue = _held.Count + _options.Workers;
                    if (!more)
                    {
                        await TakeAsync(LostAsync, mostDue - _held.Count, _options.Workers, cancellationToken);
                        lookedForDead = clock.GetTimestamp();
                    }
                }

                _wantsRoom = await TakeAsync(claims.DueAsync, mostDue - _held.Count, _options.Workers, cancellationToken) || more;
                Volatile.Write(ref _lookedTicks, clock.GetUtcNow().UtcTicks);
                await signal.WaitAsync(_options.PollInterval, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "Runs can't be claimed; trying again");
                await Task.Delay(_options.PollInterval, clock, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
        }
    }

    /// <summary>
    /// Takes as many as can be worked on soon, and not more: another node may be idle. Nothing where there is room for less than
    /// <paramref name="least"/>: a look for each run that ends would be a look for one. True: there may be more of them.
    /// </summary>
    private async Task<bool> TakeAsync(Func<int, CancellationToken, Task<IReadOnlyList<HeldRun>>> claim, int room, int least, CancellationToken cancellationToken)
    {
        if (room < least) return true;
        var runs = await claim(room, cancellationToken);
        foreach (var run in runs) Take(run);
        return runs.Count >= room;
    }

    private Task<IReadOnlyList<HeldRun>> LostAsync(int most, CancellationToken cancellationToken) =>
        claims.LostAsync([.. _held.Keys.Select(r => r.Id)], clock.GetUtcNow() - _options.LostAfter, most, cancellationToken);

    private async Task WorkAsync()
    {
        while (await _ready.TakeAsync() is { } run)
        {
            try
            {
                await AdvanceAsync(run, _abort.Token);
            }
            finally
            {
                _held.TryRemove(run, out _);
                _ready.Done(run);
                run.Rest();
                // A rule that limits its runs may have one that waited for this
                if (_wantsRoom || run.Rule.Limits.Runs is not null) signal.Raise();
            }
        }
    }

    private async Task AdvanceAsync(HeldRun run, CancellationToken cancellationToken)
    {
        using var activity = DoxTelemetry.Source("Orchestration").StartActivity("run advance", ActivityKind.Internal, run.TraceParent);
        activity?.SetTag("dox.workflow_id", run.Id.ToString()).SetTag("dox.rule", run.Rule.Name);
        try
        {
            if (run.Recoveries > _options.MaxRecoveries) await FailPoisonedAsync(run);
            else await WorkOnAsync(run, cancellationToken);
            if (run is { State.HasEnded: true, DocumentId: { } document }) await content.DiscardStagedAsync(document, CancellationToken.None);
            if (!run.State.HasEnded && run.IsLeased) await ReleaseAsync(run, Remaining(run));
        }
        catch (LeaseLostException e)
        {
            metrics.LeaseLost();
            log.LogWarning("{Message}", e.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await TryReleaseAsync(run, TimeSpan.Zero);
        }
        catch (Exception e)
        {
            // The attempt counts as not made. The state in memory may be ahead of the row: somebody reads the row again.
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            log.LogError(e, "The run {Run} can't be advanced now", run.Id);
            await TryReleaseAsync(run, _options.BackOff);
        }
    }

    /// <summary>Advances the run and does what operators want of it, until it has to wait for something, or this node stops.</summary>
    private async Task WorkOnAsync(HeldRun run, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!_draining && run.Intent is null) await AdvanceStepsAsync(run, cancellationToken);
            if (run.State.HasEnded || !run.IsLeased || run.Intent is not { } intent) return;
            await operations.MeetAsync(run, intent);
        }
    }

    private async Task AdvanceStepsAsync(HeldRun run, CancellationToken cancellationToken)
    {
        using var step = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        run.Step = step;
        try
        {
            await interpreter.AdvanceAsync(run.Rule, run.State, new Durably(run, checkpoints, rules, metrics, _options.LongestPause, () => _draining), step.Token);
        }
        catch (OperationCanceledException) when (run.Intent is not null && !cancellationToken.IsCancellationRequested)
        {
            // Told to give up, in the middle of a step or of a delay before one.
            if (!(run.State.WakeAt > clock.GetUtcNow())) checkpoints.Note(run, run.GivenUp(clock.GetUtcNow()));
        }
        finally
        {
            run.Step = null;
        }
    }

    /// <summary>Learns what operators want of the runs that this node holds; a step of one that is to end is told to give up.</summary>
    private async Task HearWishesAsync(CancellationToken cancellationToken)
    {
        if (_held.IsEmpty) return;
        var wishes = await store.IntentsAsync(node.Id, cancellationToken);
        foreach (var run in _held.Keys)
        {
            if (!wishes.TryGetValue(run.Id, out var wish))
            {
                // Taken back. One to end it isn't, and one that was met is gone from the run itself.
                if (run.Intent is { Kind: IntentKind.Pause }) run.Intent = null;
                continue;
            }

            // What it began to undo already, it was told to.
            if (wish.Kind == IntentKind.Undo && run.State.EndsCancelled) continue;
            run.Intent = wish;
            if (wish.Kind != IntentKind.Pause) run.GiveUpStep();
        }
    }

    /// <summary>What is left of a delay that is too long to be sat out in memory.</summary>
    private TimeSpan Remaining(HeldRun run)
    {
        var left = (run.State.WakeAt ?? DateTimeOffset.MinValue) - clock.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task TryReleaseAsync(HeldRun run, TimeSpan after)
    {
        try
        {
            await ReleaseAsync(run, after);
        }
        catch (Exception e)
        {
            log.LogError(e, "The run {Run} couldn't be released; it is found again in a moment", run.Id);
        }
    }

    /// <summary>Gives the lease back, so that somebody goes on from the last checkpoint, not before <paramref name="after"/>.</summary>
    private Task ReleaseAsync(HeldRun run, TimeSpan after) => store.ReleaseAsync(node.Id, [new(run.Id, run.Token, clock.GetUtcNow() + after)], CancellationToken.None);

    private async Task FailPoisonedAsync(HeldRun run)
    {
        var state = run.State;
        var step = run.Rule.FindStep(state.Cursor ?? "") ?? run.Rule.Steps[0];
        var error = new StepError("recovered_too_often", $"The process died {run.Recoveries} times while it had this run, last at '{step.Name}'.", Retryable: false);
        var now = clock.GetUtcNow();
        state.Status = RunStatus.Failed;
        state.Error = new RunError(error.Code, error.Message, step.Name);
        (state.EndedAt, state.WakeAt, state.Wait, state.FanOut) = (now, null, null, null);
        await checkpoints.CheckpointAsync(run, new StepAttempt
        {
            Step = step.Name,
            Action = step.Action,
            Visit = Math.Max(1, state.VisitsOf(step.Name)),
            Attempt = 0,
            IdempotencyKey = "",
            Status = StepStatus.Failed,
            Error = error,
            StartedAt = now,
            RuleLine = step.Line,
            Decision = error.Code,
        }, mustPersist: true);
        metrics.Ended(run);
    }
}
