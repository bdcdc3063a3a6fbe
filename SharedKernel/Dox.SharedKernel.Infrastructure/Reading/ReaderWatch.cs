using System.Diagnostics;
using System.Globalization;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>
/// Looks at a child every few milliseconds while it works, and kills it for time or memory. Its clock is the machine's, not the
/// application's: a process really takes the time it takes.
/// </summary>
internal sealed class ReaderWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(25);
    private readonly Process _process;
    private readonly string? _statistics;
    private readonly TimeSpan _timeLimit;
    private readonly long _memoryLimit;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private long _clock;
    private int _killed;

    public ReaderWatch(Process process, TimeSpan timeLimit, long memoryLimit)
    {
        _process = process;
        _timeLimit = timeLimit;
        _memoryLimit = memoryLimit;
        _statistics = OperatingSystem.IsLinux() ? $"/proc/{process.Id}/statm" : null;
        _watching = WatchAsync();
    }

    public enum Reason
    {
        None,
        Time,
        Memory,
        Garbled,
        Cancelled,
    }

    public Reason Killed => (Reason)Volatile.Read(ref _killed);

    public void StartClock() => Volatile.Write(ref _clock, Stopwatch.GetTimestamp());

    public void StopClock() => Volatile.Write(ref _clock, 0);

    public void Kill(Reason reason)
    {
        if (Interlocked.CompareExchange(ref _killed, (int)reason, (int)Reason.None) != (int)Reason.None) return;
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                var clock = Volatile.Read(ref _clock);
                if (clock != 0 && Stopwatch.GetElapsedTime(clock) > _timeLimit) Kill(Reason.Time);
                else if (ResidentBytes() > _memoryLimit) Kill(Reason.Memory);
            }
        }
        catch (OperationCanceledException)
        {
            // The request is over
        }
    }

    private long ResidentBytes()
    {
        if (_statistics is null)
        {
            _process.Refresh();
            return _process.HasExited ? 0 : _process.WorkingSet64;
        }

        try
        {
            var fields = File.ReadAllText(_statistics).Split(' ', 3);
            return fields.Length == 3 ? long.Parse(fields[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;
        }
        catch (IOException)
        {
            return 0; // gone; the broken pipe tells
        }
    }
}
