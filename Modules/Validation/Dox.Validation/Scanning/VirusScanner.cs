using System.Diagnostics;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.Validation.Contracts;
using Dox.Validation.RateLimits;
using Dox.Validation.Steps;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Scanning;

/// <summary>What came of an attempt to scan a file.</summary>
/// <param name="Result">For the wire.</param>
/// <param name="Reason">Why it isn't clean, in a sentence; null where a signature's name says it.</param>
/// <param name="Scanner">Who gave the verdict: differs when its signatures do. Null where nobody did.</param>
internal sealed record ScanOutcome(VirusScanResult Result, string? Reason = null, string? Scanner = null);

/// <summary>Has files scanned, so many at a time, and remembers verdicts by content and by the version of the signatures: in this process, and where there is a Redis for all.</summary>
internal sealed class VirusScanner(
    ScannerWatch watch, FileContent content, IContentStore store, ExpansionGuard guard, HybridCache cache, RedisAbsence redis, IOptions<ValidationOptions> options, TimeProvider clock, ILogger<VirusScanner> log) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.ClamAv.MaxConcurrent);

    public ScannerMode Mode => watch.Mode;

    public Task<ScanOutcome> ScanAsync(SubmittedFile file, CancellationToken cancellationToken) =>
        TimedAsync(() => JudgeAsync(file.Sha256, token => content.OpenAsync(file, token), token => guard.ObjectionAsync(file, token), cancellationToken));

    /// <summary>Scans what is in the store; it was measured when it came in.</summary>
    /// <exception cref="DoxException">404: it isn't there.</exception>
    public Task<ScanOutcome> ScanStoredAsync(string sha256, CancellationToken cancellationToken) =>
        TimedAsync(() => JudgeAsync(sha256, token => store.OpenAsync(sha256, token), static _ => Task.FromResult<string?>(null), cancellationToken));

    public void Dispose() => _slots.Dispose();

    private async Task<ScanOutcome> TimedAsync(Func<Task<ScanOutcome>> scan)
    {
        var started = clock.GetTimestamp();
        var outcome = await scan();
        outcome = outcome with { Result = outcome.Result with { ScanTime = clock.GetElapsedTime(started).TotalMilliseconds } };
        Activity.Current?.SetTag("dox.scan.result", ValidationTelemetry.Name(outcome.Result.ScanResult));
        return outcome;
    }

    private async Task<ScanOutcome> JudgeAsync(
        string sha256, Func<CancellationToken, Task<Stream>> open, Func<CancellationToken, Task<string?>> measure, CancellationToken cancellationToken)
    {
        if (Mode == ScannerMode.False) return NotScanned("The scanner is switched off.");
        var state = await watch.StateAsync(cancellationToken);
        if (!state.IsReady) return NotScanned(string.Join(' ', state.Problems));
        // While it is measured others may know it already; what is too much is told so whatever they know. Others who send the same bytes may wait for it too.
        var measured = measure(CancellationToken.None);
        try
        {
            var outcome = await RememberedAsync(state, sha256, measured, open, cancellationToken);
            return await measured is { } objection ? Unscannable(state, objection) : outcome;
        }
        catch (ObjectionException e)
        {
            return Unscannable(state, e.Message);
        }
        catch (DocumentReaderUnavailableException)
        {
            return NotScanned("Documents can't be opened at the moment, and none is scanned that wasn't measured.");
        }
        catch (ClamdException e)
        {
            log.LogWarning("Content {Sha256} got no verdict: {Reason}", sha256, e.Message);
            return await AfterFailureAsync(state, e, sha256, measured, open, cancellationToken);
        }
    }

    // A file that the scanner breaks at, again and again, must not pass for one that there was no scanner for
    private async Task<ScanOutcome> AfterFailureAsync(
        ScannerState state, ClamdException failure, string sha256, Task<string?> measured, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        var now = await watch.TestAsync(state, cancellationToken);
        if (!now.IsReady) return NotScanned(string.Join(' ', now.Problems));
        if (failure.Failure == ClamdFailure.TimedOut) return Unscannable(now, "The scanner took too long over this file.");
        try
        {
            return await RememberedAsync(now, sha256, measured, open, cancellationToken);
        }
        catch (ObjectionException e)
        {
            return Unscannable(now, e.Message);
        }
        catch (ClamdException)
        {
            return Unscannable(now, "The scanner fails at this file.");
        }
    }

    private async Task<ScanOutcome> RememberedAsync(
        ScannerState state, string sha256, Task<string?> measured, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        var seconds = options.Value.ScanCacheSeconds;
        if (seconds == 0) return Outcome(state, await AskAsync(state, measured, open, cancellationToken));
        // An error isn't a verdict: it is thrown, so that it isn't remembered
        var reply = await cache.GetOrCreateAsync(
            $"dox/validation/scan/{sha256}/{state.Version!.Full}",
            async token => await AskAsync(state, measured, open, token),
            new HybridCacheEntryOptions
            {
                Expiration = TimeSpan.FromSeconds(seconds),
                LocalCacheExpiration = TimeSpan.FromSeconds(seconds),
                Flags = redis.IsOn ? HybridCacheEntryFlags.DisableDistributedCache : HybridCacheEntryFlags.None,
            },
            cancellationToken: cancellationToken);
        return Outcome(state, reply);
    }

    private async Task<ClamdReply> AskAsync(ScannerState state, Task<string?> measured, Func<CancellationToken, Task<Stream>> open, CancellationToken cancellationToken)
    {
        if (await measured is { } objection) throw new ObjectionException(objection);
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await using var stream = await open(cancellationToken);
            var reply = await state.Client!.ScanAsync(stream, cancellationToken);
            return reply.Outcome == ClamdOutcome.Error ? throw new ClamdException(ClamdFailure.Garbage, $"clamd: {reply.Detail}.") : reply;
        }
        finally
        {
            _slots.Release();
        }
    }

    private static ScanOutcome Outcome(ScannerState state, ClamdReply reply) => reply.Outcome switch
    {
        ClamdOutcome.Clean => new(Result(state, ScanVerdict.Clean), Scanner: state.Version!.Full),
        ClamdOutcome.Infected => new(Result(state, ScanVerdict.Infected) with { ThreatName = reply.Detail }, Scanner: state.Version!.Full),
        _ => Unscannable(state, $"The scanner didn't look at all of it ({reply.Detail})."),
    };

    private static ScanOutcome Unscannable(ScannerState state, string reason) => new(Result(state, ScanVerdict.Unscannable), reason, state.Version!.Full);

    private static ScanOutcome NotScanned(string reason) => new(new VirusScanResult(ScanVerdict.NotScanned, 0, "none"), reason);

    private static VirusScanResult Result(ScannerState state, ScanVerdict verdict) => new(verdict, 0, state.Version!.Engine, state.Version.Signatures);

    private sealed class ObjectionException(string message) : Exception(message);
}
