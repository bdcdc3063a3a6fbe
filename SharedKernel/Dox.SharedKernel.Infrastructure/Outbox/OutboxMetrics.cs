using System.Diagnostics.Metrics;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>What is waiting to leave, for how long, and what was given up. Read from the tables every ten seconds: a scrape never waits for a database.</summary>
internal sealed class OutboxMetrics : BackgroundService
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ModuleDatabases _databases;
    private readonly TimeProvider _clock;
    private readonly ILogger<OutboxMetrics> _log;
    private readonly Histogram<double> _lag;
    private volatile IReadOnlyList<Reading> _readings = [];

    public OutboxMetrics(IServiceScopeFactory scopes, ModuleDatabases databases, TimeProvider clock, ILogger<OutboxMetrics> log)
    {
        (_scopes, _databases, _clock, _log) = (scopes, databases, clock, log);
        var meter = DoxTelemetry.Meter("Kernel");
        meter.CreateObservableGauge("outbox_pending", () => _readings.Select(r => new Measurement<long>(r.Pending, Tag(r.Module))), description: "Messages that wait to leave a module.");
        meter.CreateObservableGauge("outbox_dead", () => _readings.Select(r => new Measurement<long>(r.Dead, Tag(r.Module))), description: "Messages that were given up.");
        meter.CreateObservableGauge("outbox_lag", () => _readings.Select(r => new Measurement<double>(r.OldestSeconds, Tag(r.Module))), "s", "Age of the oldest message that waits.");
        _lag = meter.CreateHistogram("outbox_delivery_duration", "s", "From the change to the subscriber's commit.", advice: DoxTelemetry.DurationBuckets);
    }

    public void Delivered(string module, TimeSpan after) => _lag.Record(after.TotalSeconds, Tag(module));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10), _clock);
        try
        {
            do
            {
                await RefreshAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            _readings = await ReadAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _log.LogWarning(e, "The outboxes can't be read for metrics");
        }
    }

    private async Task<IReadOnlyList<Reading>> ReadAsync(CancellationToken cancellationToken)
    {
        var readings = new List<Reading>();
        foreach (var module in _databases.Modules)
        {
            await using var scope = _scopes.CreateAsyncScope();
            var outbox = _databases.ContextOf(scope.ServiceProvider, module).Outbox.AsNoTracking();
            var pending = await outbox.LongCountAsync(m => m.Dead == null, cancellationToken);
            var dead = await outbox.LongCountAsync(m => m.Dead != null, cancellationToken);
            var oldest = await outbox.Where(m => m.Dead == null).OrderBy(m => m.Id).Select(m => (DateTimeOffset?)m.Occurred).FirstOrDefaultAsync(cancellationToken);
            readings.Add(new(module, pending, dead, oldest is { } since ? (_clock.GetUtcNow() - since).TotalSeconds : 0));
        }

        return readings;
    }

    private static KeyValuePair<string, object?> Tag(string module) => new("module", module);

    private sealed record Reading(string Module, long Pending, long Dead, double OldestSeconds);
}
