using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.Validation.RateLimits;

/// <summary>Forgets, hourly, what the limits don't reach back to.</summary>
internal sealed class RateLimitSweep(IServiceScopeFactory scopes, TimeProvider clock, ILogger<RateLimitSweep> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        try
        {
            while (await hourly.WaitForNextTickAsync(stoppingToken)) await SweepAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<RateLimiter>().SweepAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // What isn't forgotten now is an hour later; it counts for nothing meanwhile.
            log.LogWarning(e, "Old entries of the rate limit couldn't be deleted");
        }
    }
}
