using System.Diagnostics;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.Validation.Contracts;
using Dox.Validation.Steps;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Scanning;

/// <summary>What came of an attempt to scan a file.</summary>
/// <param name="Result">For the wire.</param>
/// <param name="Reason">Why it isn't clean, in a sentence; null where a signature's name says it.</param>
internal sealed record ScanOutcome(VirusScanResult Result, string? Reason = null);

/// <summary>Has files scanned, so many at a time, and remembers verdicts by content and by the version of the signatures.</summary>
internal sealed class VirusScanner(
    ScannerWatch watch, FileContent content, ExpansionGuard guard, HybridCache cache, IOptions<ValidationOptions> options, TimeProvider clock, ILogger<VirusScanner> log) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.ClamAv.MaxConcurrent);

    public ScannerMode Mode => watch.Mode;

    public async Task<ScanOutcome> ScanAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var outcome = await JudgeAsync(file, cancellationToken);
        outcome = outcome with { Result = outcome.Result with { ScanTime = clock.GetElapsedTime(started).TotalMilliseconds } };
        ValidationTelemetry.Scanned(outcome.Result.ScanResult);
        Activity.Current?.SetTag("dox.scan.result", ValidationTelemetry.Name(outcome.Result.ScanResult));
        return outcome;
    }

    public void Dispose() => _slots.Dispose();

    private async Task<ScanOutcome> JudgeAsync(SubmittedFile file, CancellationToken cancellationToken)
    {
        if (Mode == ScannerMode.False) return NotScanned("The scanner is switched off.");
        var state = await watch.StateAsync(cancellationToken);
        if (!state.IsReady) return NotScanned(string.Join(' ', state.Problems));
        try
        {
            if (await guard.ObjectionAsync(file, cancellationToken) is { } objection) return Unscannable(state, objection);
            return await RememberedAsync(state, file, cancellationToken);
        }
        catch (DocumentReaderUnavailableException)
        {
            return NotScanned("Documents can't be opened at the moment, and none is scanned that wasn't measured.");
        }
        catch (ClamdException e)
        {
            log.LogWarning("Document {Document} got no verdict: {Reason}", file.Id, e.Message);
            return await AfterFailureAsync(state, e, file, cancellationToken);
        }
    }

    // A file that the scanner breaks at, again and again, must not pass for one that there was no scanner for
    private async Task<ScanOutcome> AfterFailureAsync(ScannerState state, ClamdException failure, SubmittedFile file, CancellationToken cancellationToken)
    {
        var now = await watch.TestAsync(state, cancellationToken);
        if (!now.IsReady) return NotScanned(string.Join(' ', now.Problems));
        if (failure.Failure == ClamdFailure.TimedOut) return Unscannable(now, "The scanner took too long over this file.");
        try
        {
            return await RememberedAsync(now, file, cancellationToken);
        }
        catch (ClamdException)
        {
            return Unscannable(now, "The scanner fails at this file.");
        }
    }

    private async Task<ScanOutcome> RememberedAsync(ScannerState state, SubmittedFile file, CancellationToken cancellationToken)
    {
        var seconds = options.Value.ScanCacheSeconds;
        if (seconds == 0) return Outcome(state, await AskAsync(state, file, cancellationToken));
        // An error isn't a verdict: it is thrown, so that it isn't remembered
        var reply = await cache.GetOrCreateAsync(
            $"dox/validation/scan/{file.Sha256}/{state.Version!.Full}",
            async token => await AskAsync(state, file, token),
            new HybridCacheEntryOptions { Expiration = TimeSpan.FromSeconds(seconds), LocalCacheExpiration = TimeSpan.FromSeconds(seconds) },
            cancellationToken: cancellationToken);
        return Outcome(state, reply);
    }

    private async Task<ClamdReply> AskAsync(ScannerState state, SubmittedFile file, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            await using var stream = await content.OpenAsync(file, cancellationToken);
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
        ClamdOutcome.Clean => new(Result(state, ScanVerdict.Clean)),
        ClamdOutcome.Infected => new(Result(state, ScanVerdict.Infected) with { ThreatName = reply.Detail }),
        _ => Unscannable(state, $"The scanner didn't look at all of it ({reply.Detail})."),
    };

    private static ScanOutcome Unscannable(ScannerState state, string reason) => new(Result(state, ScanVerdict.Unscannable), reason);

    private static ScanOutcome NotScanned(string reason) => new(new VirusScanResult(ScanVerdict.NotScanned, 0, "none"), reason);

    private static VirusScanResult Result(ScannerState state, ScanVerdict verdict) => new(verdict, 0, state.Version!.Engine, state.Version.Signatures);
}
