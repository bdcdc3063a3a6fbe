using System.Diagnostics.Metrics;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Events;

/// <summary>
/// Orders the feed and serves its consumers, in the one process that leads; the others stand by. Each consumer has its own place, so that
/// one who is stuck holds up nobody else.
/// </summary>
internal sealed class FeedRelay(
    IEventLog log, EventWindow window, FeedLead lead, IEnumerable<IEventConsumer> consumers, IServiceScopeFactory scopes, IOptions<EventOptions> options,
    TimeProvider clock, ILogger<FeedRelay> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan IdleSave = TimeSpan.FromSeconds(30);
    private static readonly Gauge<long> Behind = DoxTelemetry.Meter("Orchestration").CreateGauge<long>(
        "event_consumer_lag", description: "Entries of the event feed that a consumer hasn't taken yet.");

    private DateTimeOffset _nextTrim = DateTimeOffset.MinValue;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before this process serves: what its first request brings about is told to a consumer that is new.
        foreach (var consumer in consumers) await AddPlaceAsync(consumer.Name, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await log.TryLeadAsync(stoppingToken)) await LeadAsync(stoppingToken);
                else await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The event feed stands still; trying again");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task LeadAsync(CancellationToken cancellationToken)
    {
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lead.IsHeld = true;
        var serving = consumers.Select(c => ServeAsync(c, leading.Token)).ToList();
        try
        {
            while (await log.TryLeadAsync(cancellationToken))
            {
                while (await log.AdvanceAsync(cancellationToken)) window.Hurry();
                window.Hurry();
                await TrimAsync(cancellationToken);
                await Task.Delay(options.Value.PollInterval, cancellationToken);
            }
        }
        finally
        {
            lead.IsHeld = false;
            await leading.CancelAsync();
            await Task.WhenAll(serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ServeAsync(IEventConsumer consumer, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var place = await PlaceAsync(consumer.Name, cancellationToken);
                await FollowAsync(consumer, place, () => failures = 0, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, 0.2 * Math.Pow(2, failures++)));
                logger.LogWarning(e, "{Consumer} can't take events; trying again in {Pause}", consumer.Name, pause);
                await Task.Delay(pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(IEventConsumer consumer, FeedCursor place, Action succeeded, CancellationToken cancellationToken)
    {
        IDisposable? following = null;
        var (skipped, saved) = (place.Position, clock.GetTimestamp());
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                Behind.Record(Math.Max(0, window.Newest - place.Position), new KeyValuePair<string, object?>("consumer", consumer.Name));
                var interest = await consumer.InterestAsync(cancellationToken);
                if (interest != FeedInterest.Everything)
                {
                    following?.Dispose();
                    following = null;
                    var newest = window.Newest;
                    var took = interest == FeedInterest.Raised && newest > skipped && await TakeRaisedAsync(skipped, newest);
                    // Skipped entries cost a write now and then, not one each.
                    skipped = Math.Max(skipped, newest);
                    if (took || clock.GetElapsedTime(saved) >= IdleSave) await SaveAsync(skipped);
                    await window.WaitBeyondAsync(skipped, TimeSpan.FromSeconds(1), cancellationToken);
                }
                else
                {
                    following ??= window.Follow();
                    if (skipped > place.Position) await SaveAsync(skipped);
                    var batch = await window.ReadAfterAsync(place.Position, cancellationToken);
                    if (batch.Events.Count > 0) await consumer.TakeAsync(batch.Events, cancellationToken);
                    await SaveAsync(batch.Last);
                    skipped = batch.Last;
                    await window.WaitBeyondAsync(place.Position, TimeSpan.FromSeconds(1), cancellationToken);
                }

                succeeded();
            }
        }
        finally
        {
            following?.Dispose();
        }

        async Task<bool> TakeRaisedAsync(long after, long last)
        {
            var events = (await log.ReadRaisedAsync(after, last, cancellationToken)).SelectMany(EventRendering.EventsOf).ToList();
            if (events.Count > 0) await consumer.TakeAsync(events, cancellationToken);
            return events.Count > 0;
        }

        async Task SaveAsync(long position)
        {
            await MoveAsync(place, position, cancellationToken);
            saved = clock.GetTimestamp();
        }
    }

    /// <summary>A consumer that is new begins with what comes next. One that is known stays where it is: another process may lead.</summary>
    private async Task AddPlaceAsync(string name, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        if (await db.FeedCursors.AnyAsync(c => c.Name == name, cancellationToken)) return;
        db.FeedCursors.Add(new FeedCursor { Name = name, Position = (await log.RangeAsync(cancellationToken)).Newest });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e)
        {
            if (!await db.FeedCursors.AnyAsync(c => c.Name == name, cancellationToken)) throw;
            logger.LogDebug(e, "Another process gave {Consumer} its place", name);
        }
    }

    private async Task<FeedCursor> PlaceAsync(string name, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var newest = (await log.RangeAsync(cancellationToken)).Newest;
        var place = await db.FeedCursors.AsNoTracking().SingleAsync(c => c.Name == name, cancellationToken);
        // A feed that is shorter than that has begun anew.
        if (place.Position > newest) await MoveAsync(place, newest, cancellationToken);
        return place;
    }

    private async Task MoveAsync(FeedCursor place, long position, CancellationToken cancellationToken)
    {
        if (position == place.Position) return;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var (name, before) = (place.Name, place.Position);
        await using var write = await db.BeginWriteAsync(cancellationToken);
        if (await db.FeedCursors.Where(c => c.Name == name && c.Position == before).ExecuteUpdateAsync(s => s.SetProperty(c => c.Position, position), cancellationToken) == 0)
            throw new InvalidOperationException($"The place of {name} in the event feed was moved by another process, which leads now.");
        await write.CommitAsync(cancellationToken);
        place.Position = position;
    }

    private async Task TrimAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now < _nextTrim) return;
        _nextTrim = now + TimeSpan.FromHours(1);
        var before = now - options.Value.Retention;
        await log.TrimAsync(before, cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.RaisedEvents.Where(e => e.Occurred < before).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }
}
