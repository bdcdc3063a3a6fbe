using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Validation.Scanning;

/// <summary>What is known of the scanner.</summary>
/// <param name="Client">Talks to it; null while there is none.</param>
/// <param name="Version">What it says it is; null while there is none.</param>
/// <param name="Problems">Why it can't be used; empty where it can.</param>
/// <param name="At">When that was found out. UTC.</param>
internal sealed record ScannerState(ClamdClient? Client, ClamdVersion? Version, IReadOnlyList<string> Problems, DateTimeOffset At)
{
    /// <summary>Whether its verdicts can be believed.</summary>
    public bool IsReady => Client is not null && Problems.Count == 0;
}

/// <summary>
/// Finds the scanner and tests it: at start, hourly, and again soon while it isn't to be used. Between the tests an absent scanner costs a file
/// nothing.
/// </summary>
internal sealed class ScannerWatch : BackgroundService
{
    private static readonly TimeSpan s_again = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(15);

    // A scanner that is there and can't be believed costs a whole test each time
    private static readonly TimeSpan s_later = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_versionLasts = TimeSpan.FromMinutes(1);

    private readonly ValidationOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ScannerWatch> _log;
    private readonly SemaphoreSlim _one = new(1, 1);
    private ScannerState? _state;
    private DateTimeOffset _versionAt;

    public ScannerWatch(IOptions<ValidationOptions> options, IHostEnvironment environment, TimeProvider clock, ILogger<ScannerWatch> log)
    {
        (_options, _clock, _log) = (options.Value, clock, log);
        Mode = _options.ClamAv.Enabled ?? (environment.IsProduction() ? ScannerMode.True : ScannerMode.Auto);
        ValidationTelemetry.ObserveScanner(() => _state?.IsReady == true, () => long.TryParse(_state?.Version?.Signatures, out var version) ? version : 0);
    }

    public ScannerMode Mode { get; }

    /// <summary>What was found out last; null before the first test ended.</summary>
    public ScannerState? Last => Volatile.Read(ref _state);

    /// <summary>The scanner as it is known; waits for the first test, and tests again where the last one failed a while ago.</summary>
    public async Task<ScannerState> StateAsync(CancellationToken cancellationToken)
    {
        var known = Last;
        if (IsDue(known)) return await TestAsync(known, cancellationToken);
        return known!.IsReady ? await WithVersionAsync(known, cancellationToken) : known;
    }

    /// <summary>Tests the scanner now, unless somebody else did since <paramref name="seen"/>.</summary>
    public async Task<ScannerState> TestAsync(ScannerState? seen, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (Last is { } newer && !ReferenceEquals(newer, seen)) return newer;
            var found = await FindAsync(cancellationToken);
            Tell(Last, found);
            _versionAt = found.At;
            var before = Last?.Client;
            Volatile.Write(ref _state, found);
            // Scans under way over it end first
            before?.Dispose();
            return found;
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _state?.Client?.Dispose();
        _one.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ValidationTelemetry.ExportZeros();
        if (Mode == ScannerMode.False) return;
        try
        {
            while (true)
            {
                var known = Last;
                if (IsDue(known)) await TestAsync(known, stoppingToken);
                await Task.Delay(s_soon, _clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops
        }
    }

    private bool IsDue(ScannerState? known) =>
        known is null || _clock.GetUtcNow() - known.At >= (known.IsReady ? s_again : known.Client is null ? s_soon : s_later);

    // The signatures' version is part of what a verdict is remembered by, so it mustn't be an hour old; who asks meanwhile waits for it
    private async Task<ScannerState> WithVersionAsync(ScannerState known, CancellationToken cancellationToken)
    {
        if (_clock.GetUtcNow() - _versionAt < s_versionLasts) return known;
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (Last is { } newer && !ReferenceEquals(newer, known)) return newer;
            if (_clock.GetUtcNow() - _versionAt < s_versionLasts || await IsUnchangedAsync(known, cancellationToken)) return known;
        }
        finally
        {
            _one.Release();
        }

        return await TestAsync(known, cancellationToken);
    }

    private async Task<bool> IsUnchangedAsync(ScannerState known, CancellationToken cancellationToken)
    {
        try
        {
            var unchanged = await known.Client!.VersionAsync(cancellationToken) == known.Version;
            if (unchanged) _versionAt = _clock.GetUtcNow();
            return unchanged;
        }
        catch (ClamdException)
        {
            // The test tells what is wrong
            return false;
        }
    }

    private async Task<ScannerState> FindAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        foreach (var address in ClamdAddress.From(_options.ClamAv))
        {
            var clamd = new ClamdClient(
                address, TimeSpan.FromSeconds(_options.ClamAv.ConnectSeconds), TimeSpan.FromSeconds(_options.ClamAv.TimeoutSeconds), _clock);
            try
            {
                await clamd.PingAsync(cancellationToken);
                var version = await clamd.VersionAsync(cancellationToken);
                return new(clamd, version, await SelfTest.RunAsync(clamd, _options.MaxFileSize, cancellationToken), _clock.GetUtcNow());
            }
            catch (ClamdException e)
            {
                clamd.Dispose();
                problems.Add(e.Message);
            }
        }

        return new(null, null, [.. problems.Distinct(StringComparer.Ordinal)], _clock.GetUtcNow());
    }

    private void Tell(ScannerState? before, ScannerState now)
    {
        if (before is not null && before.IsReady == now.IsReady && before.Version == now.Version) return;
        if (now.IsReady) _log.LogInformation("Files are scanned by {Scanner} at {Address}", now.Version!.Full, now.Client!.Address);
        else _log.Log(Mode == ScannerMode.True ? LogLevel.Error : LogLevel.Warning, "Files aren't scanned: {Problems} Looked for at {Addresses}", string.Join(' ', now.Problems), string.Join(", ", ClamdAddress.From(_options.ClamAv)));
    }
}
