using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.Validation.Contracts;
using Dox.Validation.Data;
using Dox.Validation.Quarantine;
using Dox.Validation.Scanning;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Ledger;

/// <summary>
/// Scans what was let in again: what passed unscanned, once there is a scanner; all the rest when its signatures change; at a bounded rate.
/// What is found infected is taken out of reach.
/// </summary>
internal sealed class Rescan(
    ScannerWatch watch, VirusScanner scanner, IServiceScopeFactory scopes, IOptions<ValidationOptions> options, TimeProvider clock, ILogger<Rescan> log) : BackgroundService
{
    private const int AtOnce = 100;
    private const string HexDigits = "0123456789abcdef";
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_claim = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_later = TimeSpan.FromMinutes(1);

    // An upload that isn't decided by then never is
    private static readonly TimeSpan s_forgotten = TimeSpan.FromDays(8);

    private string? _marked;
    private long _backlog;

    /// <summary>Contents that were let in unscanned and still are.</summary>
    public long Backlog => Volatile.Read(ref _backlog);

    /// <summary>Scans all that is due now; returns how much that was.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await CountAsync(cancellationToken);
        if (watch.Mode == ScannerMode.False || await watch.StateAsync(cancellationToken) is not { IsReady: true } state) return 0;
        if (_marked != state.Version!.Full)
        {
            await MarkAsync(state.Version.Full, cancellationToken);
            _marked = state.Version.Full;
        }

        var done = 0;
        var pause = TimeSpan.FromMinutes(1) / options.Value.ClamAv.RescansPerMinute;
        while (await NextAsync(cancellationToken) is { Count: > 0 } due)
        {
            foreach (var content in due)
            {
                if (!await ClaimAsync(content, cancellationToken)) continue;
                if (!await LookAsync(content, cancellationToken)) return done;
                done++;
                if (pause > TimeSpan.FromMilliseconds(1)) await Task.Delay(pause, clock, cancellationToken);
            }
        }

        if (done > 0) await CountAsync(cancellationToken);
        return done;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ValidationTelemetry.ObserveBacklog(() => Backlog);
        try
        {
            while (true)
            {
                try
                {
                    await RunAsync(stoppingToken);
                }
                // Whatever it was: a database that went away has many faces, and what leaves here ends the host
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    log.LogWarning(e, "Scanning again what was let in failed; it is tried again");
                }

                await Task.Delay(s_look, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops
        }
    }

    // In slices: one statement over millions of rows would hold up the uploads
    private async Task MarkAsync(string version, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var marked = 0;
        foreach (var digit in HexDigits)
        {
            var (from, to) = ($"{digit}", digit == 'f' ? "g" : $"{(char)(digit == '9' ? 'a' : digit + 1)}");
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ValidationDbContext>();
            await using var write = await db.BeginWriteAsync(cancellationToken);
            marked += await db.Contents
                .Where(c => string.Compare(c.Sha256, from) >= 0 && string.Compare(c.Sha256, to) < 0 && c.Due == null
                    && (c.State <= ContentState.Accepted || c.State == ContentState.Deleted) && c.Scanner != version)
                .ExecuteUpdateAsync(c => c.SetProperty(x => x.Due, now), cancellationToken);
            await write.CommitAsync(cancellationToken);
        }

        if (marked > 0) log.LogInformation("The scanner's signatures changed: {Count} contents are scanned again", marked);
    }

    private async Task<List<ContentRecord>> NextAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = clock.GetUtcNow();
        return await scope.ServiceProvider.GetRequiredService<ValidationDbContext>().Contents.AsNoTracking()
            .Where(c => c.Due <= now).OrderBy(c => c.Due).Take(AtOnce).ToListAsync(cancellationToken);
    }

    // Several processes look; one of them gets it, and if that one dies, another one later
    private async Task<bool> ClaimAsync(ContentRecord content, CancellationToken cancellationToken) =>
        await UpdateAsync(content, clock.GetUtcNow() + s_claim, cancellationToken);

    private async Task<bool> UpdateAsync(ContentRecord content, DateTimeOffset due, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ValidationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var changed = await db.Contents.Where(c => c.Sha256 == content.Sha256 && c.Due == content.Due).ExecuteUpdateAsync(c => c.SetProperty(x => x.Due, due), cancellationToken);
        await write.CommitAsync(cancellationToken);
        content.Due = due;
        return changed == 1;
    }

    /// <returns>Whether the scanner is still there.</returns>
    private async Task<bool> LookAsync(ContentRecord content, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var store = scope.ServiceProvider.GetRequiredService<IContentStore>();
        ScanOutcome outcome;
        try
        {
            outcome = await scanner.ScanStoredAsync(content.Sha256, cancellationToken);
        }
        catch (DoxException e) when (e.Status == 404)
        {
            await MissAsync(content, cancellationToken);
            return true;
        }

        switch (outcome.Result.ScanResult)
        {
            case ScanVerdict.NotScanned:
                await UpdateAsync(content, clock.GetUtcNow() + s_later, cancellationToken);
                return false;
            case ScanVerdict.Infected:
                log.LogWarning("Content {Sha256} was let in and is found infected now: {Threat}. It goes to quarantine", content.Sha256, outcome.Result.ThreatName);
                await scope.ServiceProvider.GetRequiredService<QuarantineIntake>().WithdrawAsync(content.Sha256, outcome.Result, outcome.Scanner!, cancellationToken);
                break;
            default:
                await KeepAsync(content, outcome, cancellationToken);
                break;
        }

        ValidationTelemetry.Rescanned(outcome.Result.ScanResult);
        return true;
    }

    private async Task KeepAsync(ContentRecord content, ScanOutcome outcome, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ValidationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var record = await db.Contents.SingleAsync(c => c.Sha256 == content.Sha256, cancellationToken);
        // What was deleted and is there all the same somebody sent again
        if (record.State is ContentState.Quarantined or ContentState.Released) return;
        var wasUnscanned = record.Verdict == ScanVerdict.NotScanned;
        (record.State, record.Verdict, record.Scanner, record.Due) = (ContentState.Accepted, outcome.Result.ScanResult, outcome.Scanner, null);
        var verdict = outcome.Result.ScanResult == ScanVerdict.Clean ? ContentVerdict.Clean : ContentVerdict.Unscannable;
        if (wasUnscanned) db.Raise(new ContentVerdictChanged(content.Sha256, verdict, outcome.Result, null, null, clock.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    // Not in the store: still staged, or refused
    private async Task MissAsync(ContentRecord content, CancellationToken cancellationToken)
    {
        if (clock.GetUtcNow() - content.SeenAt < s_forgotten)
        {
            await UpdateAsync(content, clock.GetUtcNow() + s_later, cancellationToken);
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ValidationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.Contents.Where(c => c.Sha256 == content.Sha256 && c.Due == content.Due).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        Volatile.Write(
            ref _backlog,
            await scope.ServiceProvider.GetRequiredService<ValidationDbContext>().Contents.LongCountAsync(
                c => c.Due != null && c.Verdict == ScanVerdict.NotScanned, cancellationToken));
    }
}
