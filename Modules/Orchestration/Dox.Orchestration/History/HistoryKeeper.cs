using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.History;

/// <summary>Creates history's partitions ahead, the first ones before this process takes work, and drops what is too old.</summary>
internal sealed class HistoryKeeper(
    HistoryRetention retention, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<HistoryKeeper> log, HistoryPartitions? partitions = null) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await CreateAheadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Interval, clock);
        try
        {
            while (true)
            {
                if (retention.EndedBefore() is { } endedBefore) await DropAsync(endedBefore, stoppingToken);
                await timer.WaitForNextTickAsync(stoppingToken);
                await CreateAheadAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops
        }
    }

    private async Task CreateAheadAsync(CancellationToken cancellationToken)
    {
        if (partitions is null) return;
        try
        {
            await partitions.CreateAheadAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(e, "History's next partitions can't be created; new runs lie in the one for the rest until they can");
        }
    }

    private async Task DropAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        try
        {
            await retention.ApplyAsync(endedBefore, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(e, "What is older than retention allows can't be dropped; trying again in {Interval}", options.Value.Interval);
        }
    }
}
