namespace Dox.Host.Hosting;

/// <summary>
/// A start leaves more garbage than hours of idling: models, parsed rules, compiled expressions. The collector would keep its memory until work
/// asks for it, which on a quiet installation is never.
/// </summary>
internal sealed class StartLeftovers(IHostApplicationLifetime lifetime, TimeProvider clock) : BackgroundService
{
    // What the first requests, the health checks and the first looks at tables leave is then there too.
    private static readonly TimeSpan After = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(After, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stoppingToken.IsCancellationRequested) return;

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
