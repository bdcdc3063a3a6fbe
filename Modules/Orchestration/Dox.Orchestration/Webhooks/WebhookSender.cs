using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Dox.Orchestration.Data;
using Dox.Orchestration.Events;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Webhooks;

/// <summary>
/// Sends what is due, in the process that leads the feed. Each webhook has a worker of its own while there is something for it: a receiver
/// that hangs holds up itself alone. Of the deliveries with one order key only the first that isn't settled is sent.
/// </summary>
internal sealed class WebhookSender(
    WebhookClient client, FeedLead lead, IServiceScopeFactory scopes, IOptions<WebhookOptions> options, TimeProvider clock, ILogger<WebhookSender> log) : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly Counter<long> Sent = DoxTelemetry.Meter("Orchestration").CreateCounter<long>(
        "webhook_deliveries_total", description: "Attempts to deliver an event to a webhook, by what came of them.");

    private readonly SemaphoreSlim _hurry = new(0);
    private readonly ConcurrentDictionary<Id<Webhook>, Task> _workers = new();
    private DateTimeOffset _nextSweep = DateTimeOffset.MinValue;

    /// <summary>Something is due: look now.</summary>
    public void Hurry()
    {
        if (_hurry.CurrentCount == 0) _hurry.Release();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (lead.IsHeld)
                {
                    foreach (var webhook in await WithWorkAsync(stoppingToken))
                        _ = _workers.GetOrAdd(webhook, id => Task.Run(() => WorkAsync(id, stoppingToken), CancellationToken.None));
                    await SweepAsync(stoppingToken);
                }

                await _hurry.WaitAsync(Poll, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                log.LogWarning(e, "Webhooks can't be looked at; trying again");
                await Task.Delay(Poll, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await Task.WhenAll(_workers.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _hurry.Dispose();
        base.Dispose();
    }

    private async Task<List<Id<Webhook>>> WithWorkAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        return await Due(db, clock.GetUtcNow()).Select(d => d.WebhookId).Distinct().ToListAsync(cancellationToken);
    }

    private async Task WorkAsync(Id<Webhook> webhook, CancellationToken cancellationToken)
    {
        try
        {
            while (lead.IsHeld && await RoundAsync(webhook, cancellationToken))
            {
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(e, "What {Webhook} was sent can't be noted; it may be sent again", webhook);
        }
        finally
        {
            _workers.TryRemove(webhook, out _);
        }
    }

    /// <summary>Sends the first of each run that is due, some at once; false: there was nothing.</summary>
    private async Task<bool> RoundAsync(Id<Webhook> webhook, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        if (await db.Webhooks.AsNoTracking().SingleOrDefaultAsync(w => w.Id == webhook && w.Disabled == null, cancellationToken) is not { } target) return false;
        var due = await Due(db, clock.GetUtcNow()).Where(d => d.WebhookId == webhook).OrderBy(d => d.Sequence).Take(options.Value.Concurrency).AsNoTracking().ToListAsync(cancellationToken);
        if (due.Count == 0) return false;

        var results = await Task.WhenAll(due.Select(d => client.SendAsync(target, d, cancellationToken)));
        await using var write = await db.BeginWriteAsync(cancellationToken);
        foreach (var (delivery, result) in due.Zip(results)) await NoteAsync(db, delivery, result, cancellationToken);
        if (Array.Find(results, r => r.Gone) is { } gone)
            await db.Webhooks.Where(w => w.Id == webhook).ExecuteUpdateAsync(s => s.SetProperty(w => w.Disabled, gone.Error), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return true;
    }

    private async Task NoteAsync(OrchestrationDbContext db, DeliveryRecord delivery, AttemptResult result, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var attempts = delivery.Attempts + 1;
        var status = result.Error is null ? DeliveryStatus.Delivered : result.Gone || attempts >= options.Value.MaxAttempts ? DeliveryStatus.Dead : DeliveryStatus.Pending;
        var next = status == DeliveryStatus.Pending ? now + (result.RetryAfter > TimeSpan.Zero ? result.RetryAfter.Value : PauseAfter(attempts)) : delivery.NextAttempt;
        DateTimeOffset? settled = status == DeliveryStatus.Pending ? null : now;
        await db.WebhookDeliveries.Where(d => d.Id == delivery.Id).ExecuteUpdateAsync(
            s => s.SetProperty(d => d.Status, status).SetProperty(d => d.Attempts, attempts).SetProperty(d => d.NextAttempt, next).SetProperty(d => d.Settled, settled)
                .SetProperty(d => d.LastStatus, result.Status).SetProperty(d => d.LastError, result.Error),
            cancellationToken);
        Sent.Add(1, new KeyValuePair<string, object?>("result", status == DeliveryStatus.Pending ? "failed" : status.ToString().ToLowerInvariant()));
        if (status == DeliveryStatus.Dead)
            log.LogError("{Event} was given up for {Webhook} after {Attempts} attempts: {Error}", delivery.EventId, delivery.WebhookId, attempts, result.Error);
    }

    private TimeSpan PauseAfter(int attempts)
    {
        var pause = Math.Min(options.Value.LongestDelay.TotalSeconds, options.Value.FirstDelay.TotalSeconds * Math.Pow(4, attempts - 1));
        return TimeSpan.FromSeconds(pause * (0.8 + (RandomNumberGenerator.GetInt32(401) / 1000.0)));
    }

    private static IQueryable<DeliveryRecord> Due(OrchestrationDbContext db, DateTimeOffset now) => db.WebhookDeliveries.Where(d =>
        d.Status == DeliveryStatus.Pending && d.NextAttempt <= now
        && db.Webhooks.Any(w => w.Id == d.WebhookId && w.Disabled == null)
        && !db.WebhookDeliveries.Any(e => e.WebhookId == d.WebhookId && e.OrderKey == d.OrderKey && e.Status == DeliveryStatus.Pending && e.Sequence < d.Sequence));

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now < _nextSweep) return;
        _nextSweep = now + TimeSpan.FromHours(1);
        var before = now - options.Value.Retention;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.WebhookDeliveries.Where(d => d.Settled != null && d.Settled < before).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }
}
