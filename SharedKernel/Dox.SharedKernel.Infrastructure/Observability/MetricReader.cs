using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Infrastructure.Observability;

/// <summary>The one loop behind all figures that have to be read.</summary>
internal sealed class MetricReader(IEnumerable<IMetricReading> readings, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<MetricReader> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nobody scrapes before the host has started, and its start is short of processors as it is
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(Every, clock);
            do
            {
                foreach (var reading in readings) await ReadAsync(reading, stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task ReadAsync(IMetricReading reading, CancellationToken cancellationToken)
    {
        try
        {
            await reading.ReadAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(e, "{Reading} can't be read for metrics", reading.GetType().Name);
        }
    }
}
