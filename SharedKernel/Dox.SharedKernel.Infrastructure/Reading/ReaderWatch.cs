using System.Diagnostics;
using System.Globalization;

namespace Dox.SharedKernel.Infrastructure.Reading;

/// <summary>
/// Looks at a child every few milliseconds while it works, and kills it for processor time, time on the clock or memory. Its clock is the machine's,
/// not the application's: a process really takes the time it takes.
/// </summary>
internal sealed class ReaderWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(25);
    private readonly Process _process;
    private readonly string? _statistics;
    private readonly DocumentReaderOptions _limits;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;
    private long _clock;
    private int _killed;

    public ReaderWatch(Process process, DocumentReaderOptions limits)
    {
        _process = process;
        _limits = limits;
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
        TimeSpan? before = null;
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                // What it worked before the first look is too little to matter, and most documents are done by then
                before ??= ProcessorTime();
                var clock = Volatile.Read(ref _clock);
                if (clock != 0 && IsLate(Stopwatch.GetElapsedTime(clock), before.Value)) Kill(Reason.Time);
                else if (ResidentBytes() > _limits.MemoryLimit) Kill(Reason.Memory);
            }
        }
        catch (OperationCanceledException)
        {
            // The request is over
        }
    }

    // By the clock alone documents would fail for what else the machine does
    private bool IsLate(TimeSpan waited, TimeSpan before) =>
        waited > _limits.ClockLimit || (waited > _limits.TimeLimit && ProcessorTime() - before > _limits.TimeLimit);

    private TimeSpan ProcessorTime()
    {
        try
        {
            return _process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return TimeSpan.Zero; // gone; the broken pipe tells
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
