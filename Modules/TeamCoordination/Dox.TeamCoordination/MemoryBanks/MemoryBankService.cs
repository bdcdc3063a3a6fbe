using Dox.TeamCoordination.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>
/// Keeps the banks' files up to date, behind the runs. Any number of processes may do so at once: the lock file lets one write a bank,
/// and the batches' numbers keep the others from doing it again.
/// </summary>
internal sealed class MemoryBankService(
    IServiceScopeFactory scopes, BankWriter writer, BankSignal signal, IOptions<MemoryBankOptions> options, TimeProvider clock, ILogger<MemoryBankService> log)
    : BackgroundService
{
    private static readonly TimeSpan s_lastPass = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestGathering = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_tellAgain = TimeSpan.FromMinutes(1);
    private readonly MemoryBankOptions _options = options.Value;
    private readonly Dictionary<string, DateTimeOffset> _told = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var began = TimeProvider.System.GetTimestamp();
                var missed = await PassAsync(stoppingToken);
                var took = TimeProvider.System.GetElapsedTime(began);
                await signal.WaitAsync(missed ? _options.WriteInterval : _options.PollInterval, stoppingToken);
                await Task.Delay(Gathering(took), TimeProvider.System, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
        }

        using var last = new CancellationTokenSource(s_lastPass, TimeProvider.System);
        try
        {
            await PassAsync(last.Token);
        }
        catch (OperationCanceledException)
        {
            // What is left is written after the next start.
        }
    }

    /// <summary>
    /// How long updates are gathered into one write. In real time whatever the clock says: it spaces work. A bank is written whole, so a large one takes
    /// longer the more runs it tells of; a tenth of one processor is what that may take from the runs.
    /// </summary>
    private TimeSpan Gathering(TimeSpan pass)
    {
        var share = pass * 10;
        var most = _options.WriteInterval > s_longestGathering ? _options.WriteInterval : s_longestGathering;
        return share < _options.WriteInterval ? _options.WriteInterval : share > most ? most : share;
    }

    /// <summary>Writes each bank that needs it; true where one must be tried again.</summary>
    internal async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        var missed = false;
        foreach (var file in await TriedAsync("the list of banks", NeedyAsync, cancellationToken) ?? [])
        {
            var done = await TriedAsync<bool?>(file, async ct => await writer.WriteAsync(file, ct), cancellationToken) ?? false;
            missed |= !done;
        }

        return missed;
    }

    private async Task<List<string>?> NeedyAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TeamCoordinationDbContext>();
        var saveDue = clock.GetUtcNow() - _options.SaveInterval;
        var news = await db.BankUpdates.Where(u => u.Batch == null).Select(u => u.File).Distinct().ToListAsync(cancellationToken);
        var known = await db.Banks
            .Select(b => new { b.File, IsBehind = b.Applied < b.LastBatch || (b.ContentBatch < b.Applied && b.ContentSaved <= saveDue) }).ToListAsync(cancellationToken);
        var needy = known.Where(b => b.IsBehind || writer.WasChanged(b.File)).Select(b => b.File);
        return [.. news.Union(needy, StringComparer.Ordinal)];
    }

    // One bank that can't be written (a full disk, a folder without the right) mustn't hold up the others, nor fill the log.
    private async Task<T?> TriedAsync<T>(string what, Func<CancellationToken, Task<T?>> attempt, CancellationToken cancellationToken)
    {
        try
        {
            var result = await attempt(cancellationToken);
            _told.Remove(what);
            return result;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            if (!_told.TryGetValue(what, out var told) || told + s_tellAgain <= now)
            {
                _told[what] = now;
                log.LogError(e, "Memory banks: {What} can't be written or read now; DOX keeps trying, and no update is lost", what);
            }

            return default;
        }
    }
}
