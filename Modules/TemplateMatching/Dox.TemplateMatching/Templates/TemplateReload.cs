using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Templates;

/// <summary>Looks every few seconds for what other processes stored, what changed in the folders, and what time put in or out of force.</summary>
internal sealed class TemplateReload(TemplateCatalog catalog, IOptions<TemplateMatchingOptions> options, ILogger<TemplateReload> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // In real time whatever the clock says: files change in it
        using var look = new PeriodicTimer(options.Value.ReloadInterval, TimeProvider.System);
        var failed = false;
        try
        {
            while (await look.WaitForNextTickAsync(stoppingToken)) failed = !await TryReloadAsync(failed, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends
        }
    }

    private async Task<bool> TryReloadAsync(bool failedBefore, CancellationToken stoppingToken)
    {
        try
        {
            await catalog.ReloadAsync(stoppingToken);
            return true;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            if (!failedBefore) log.LogWarning(e, "The templates can't be looked at now; those that are loaded stay, and DOX keeps trying");
            return false;
        }
    }
}
