using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Rules;

/// <summary>
/// Picks changed rules up while the process runs. Watching the folders makes it quick; looking again every few seconds makes it sure: a mounted
/// folder may tell nothing, and what another replica published only the database tells.
/// </summary>
internal sealed class RuleReload(RuleBook rules, IOptions<RuleOptions> options, ILogger<RuleReload> log) : BackgroundService
{
    // An editor writes a file in several steps
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(200);
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watchers = RuleBook.FoldersOf(options.Value).Where(Directory.Exists).Select(Watch).OfType<FileSystemWatcher>().ToList();
        try
        {
            var failed = false;
            while (!stoppingToken.IsCancellationRequested)
            {
                if (await ChangedAsync(stoppingToken)) await Task.Delay(s_settle, TimeProvider.System, stoppingToken);
                failed = !await TryReloadAsync(failed, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends
        }
        finally
        {
            foreach (var watcher in watchers) watcher.Dispose();
        }
    }

    /// <summary>True: a watcher saw something; false: it is time to look.</summary>
    private async Task<bool> ChangedAsync(CancellationToken stoppingToken)
    {
        // In real time whatever the clock says: files change in it
        using var interval = new CancellationTokenSource(options.Value.ReloadInterval, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, stoppingToken);
        try
        {
            return await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> TryReloadAsync(bool failedBefore, CancellationToken stoppingToken)
    {
        try
        {
            await rules.ReloadAsync(stoppingToken);
            return true;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            if (!failedBefore) log.LogWarning(e, "The rules can't be looked at now; those that are loaded stay, and DOX keeps trying");
            return false;
        }
    }

    private FileSystemWatcher? Watch(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
            watcher.Changed += (_, _) => _signal.Writer.TryWrite(true);
            watcher.Created += (_, _) => _signal.Writer.TryWrite(true);
            watcher.Deleted += (_, _) => _signal.Writer.TryWrite(true);
            watcher.Renamed += (_, _) => _signal.Writer.TryWrite(true);
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (IOException e)
        {
            log.LogInformation(e, "{Folder} can't be watched; it is looked at every {Interval}", folder, options.Value.ReloadInterval);
            return null;
        }
    }
}
