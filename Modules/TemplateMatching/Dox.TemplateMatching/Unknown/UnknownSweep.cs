using Dox.TemplateMatching.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Unknown;

/// <summary>Forgets, hourly, unknown documents and drafts that are too old, and of documents more than are kept.</summary>
internal sealed class UnknownSweep(IServiceScopeFactory scopes, IOptions<TemplateMatchingOptions> options, TimeProvider clock, ILogger<UnknownSweep> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hourly = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        try
        {
            while (await hourly.WaitForNextTickAsync(stoppingToken)) await TrySweepAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops
        }
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await SweepAsync(scope.ServiceProvider.GetRequiredService<TemplateMatchingDbContext>(), options.Value, clock.GetUtcNow(), cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // What isn't forgotten now is an hour later; it proposes nothing meanwhile
            log.LogWarning(e, "Old unknown documents couldn't be forgotten");
        }
    }

    internal static async Task SweepAsync(TemplateMatchingDbContext db, TemplateMatchingOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now.AddDays(-options.UnknownDays);
        await db.UnknownDocuments.Where(d => d.Seen <= since).ExecuteDeleteAsync(cancellationToken);
        var last = await db.UnknownDocuments.OrderByDescending(d => d.Seen).Skip(options.UnknownMost).Select(d => (DateTimeOffset?)d.Seen).FirstOrDefaultAsync(cancellationToken);
        if (last is { } first) await db.UnknownDocuments.Where(d => d.Seen <= first).ExecuteDeleteAsync(cancellationToken);
        // A dismissed draft is remembered as long as documents look like it
        await db.TemplateDrafts.Where(d => d.Proposed <= since && !db.UnknownDocuments.Any(u => u.DraftId == d.Id)).ExecuteDeleteAsync(cancellationToken);
    }
}
