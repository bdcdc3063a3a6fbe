using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Events;

/// <summary>Events behind a position, and how far they reach: an entry may have none.</summary>
internal readonly record struct EventBatch(long Last, IReadOnlyList<DoxEvent> Events);

/// <summary>
/// The newest part of the feed, read once for all of this process who follow it; what is older is read from the database. Nothing is read
/// while nobody follows.
/// </summary>
internal sealed class EventWindow(IEventLog log, IOptions<EventOptions> options, ILogger<EventWindow> logger) : BackgroundService
{
    private const int Chunk = 500;

    private readonly Lock _lock = new();
    private readonly Queue<EventBatch> _batches = new();
    private readonly SemaphoreSlim _hurry = new(0);
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _begins;
    private long _newest;
    private int _followers;

    /// <summary>The newest entry that this process knows of.</summary>
    public long Newest => Volatile.Read(ref _newest);

    /// <summary>Something was committed: look now.</summary>
    public void Hurry()
    {
        if (_hurry.CurrentCount == 0) _hurry.Release();
    }

    /// <summary>Has the window kept filled until disposed.</summary>
    public IDisposable Follow()
    {
        Interlocked.Increment(ref _followers);
        Hurry();
        return new Following(this);
    }

    /// <summary>Returns when there may be entries behind <paramref name="position"/>, or after <paramref name="limit"/>.</summary>
    public async Task WaitBeyondAsync(long position, TimeSpan limit, CancellationToken cancellationToken)
    {
        Task grown;
        lock (_lock)
        {
            if (_newest > position) return;
            grown = _grown.Task;
        }

        await grown.WaitAsync(limit, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>The next events behind the entry, from memory where they are there.</summary>
    public async Task<EventBatch> ReadAfterAsync(long position, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (position >= _newest) return new(position, []);
            if (position >= _begins)
            {
                var batch = _batches.First(b => b.Last > position);
                return new(batch.Last, [.. batch.Events.Where(e => e.Position.Entry > position)]);
            }
        }

        return await LoadAsync(position, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await GrowAsync(stoppingToken)) await _hurry.WaitAsync(options.Value.PollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The event feed can't be read; trying again");
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> GrowAsync(CancellationToken cancellationToken)
    {
        var known = Newest;
        var (oldest, newest) = await log.RangeAsync(cancellationToken);
        if (newest == known) return false;
        // Nobody looks, or everybody would have to be told too much, or the database is an older one than before: begin anew at the end.
        if (Volatile.Read(ref _followers) == 0 || newest - known > options.Value.LargestLag || newest < known || known < oldest - 1)
        {
            lock (_lock)
            {
                _batches.Clear();
                (_begins, _newest) = (newest, newest);
                Pulse();
            }

            return false;
        }

        var batch = await LoadAsync(known, cancellationToken);
        if (batch.Last == known) return false;
        lock (_lock)
        {
            _batches.Enqueue(batch);
            _newest = batch.Last;
            while (_batches.Count > 1 && _newest - _batches.Peek().Last > options.Value.LargestLag) _begins = _batches.Dequeue().Last;
            Pulse();
        }

        return batch.Last < newest;
    }

    private async Task<EventBatch> LoadAsync(long position, CancellationToken cancellationToken)
    {
        var rows = await log.ReadAfterAsync(position, Chunk, cancellationToken);
        return rows.Count == 0 ? new(position, []) : new(rows[^1].Position, [.. rows.SelectMany(EventRendering.EventsOf)]);
    }

    private void Pulse()
    {
        var grown = _grown;
        _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
        grown.TrySetResult();
    }

    public override void Dispose()
    {
        _hurry.Dispose();
        base.Dispose();
    }

    private sealed class Following(EventWindow window) : IDisposable
    {
        private EventWindow? _window = window;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _window, null) is { } followed) Interlocked.Decrement(ref followed._followers);
        }
    }
}
