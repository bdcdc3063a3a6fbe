using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.SharedKernel.Infrastructure.Content;

/// <summary>
/// Drops bodies that a crash left staged. A document that is kept leaves the stage within seconds of its upload, so what has lain there for a
/// week belongs to none.
/// </summary>
internal sealed class StagedSweep(LocalContentStore store, TimeProvider clock, ILogger<StagedSweep> log) : BackgroundService
{
    private static readonly TimeSpan s_age = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(6), clock);
        try
        {
            do Sweep();
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private void Sweep()
    {
        try
        {
            if (store.SweepStaged(clock.GetUtcNow() - s_age) is > 0 and var count)
                log.LogInformation("Dropped {Count} staged bodies that no document came of", count);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogWarning(e, "Stale staged bodies can't be dropped");
        }
    }
}
