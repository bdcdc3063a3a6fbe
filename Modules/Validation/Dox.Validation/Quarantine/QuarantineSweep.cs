using Dox.SharedKernel.Access;
using Dox.Validation.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Quarantine;

/// <summary>Destroys, hourly, what nobody released within the time that quarantined content is kept.</summary>
internal sealed class QuarantineSweep(IServiceScopeFactory scopes, IOptions<ValidationOptions> options, TimeProvider clock, ILogger<QuarantineSweep> log) : BackgroundService
{
    private const int AtOnce = 100;

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

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            var days = options.Value.Quarantine.RetentionDays;
            var before = clock.GetUtcNow().AddDays(-days);
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ValidationDbContext>();
            var vault = scope.ServiceProvider.GetRequiredService<QuarantineVault>();
            var old = await db.Quarantine.Where(q => q.State < QuarantineState.Released && q.At < before).OrderBy(q => q.At).Take(AtOnce).ToListAsync(cancellationToken);
            foreach (var entry in old) await DecideQuarantine.DestroyAsync(db, vault, entry, Caller.System, $"Kept for {days} days.", clock, cancellationToken);
            if (old.Count > 0) log.LogInformation("Destroyed {Count} quarantined files after {Days} days", old.Count, days);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogWarning(e, "Old quarantined files couldn't be destroyed; an hour later they are tried again");
        }
    }
}
