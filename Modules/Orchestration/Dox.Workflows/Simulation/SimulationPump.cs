using System.Threading.Channels;

namespace Dox.Workflows.Simulation;

/// <summary>
/// Runs everything of a simulated run one after another, so that it is the same each time, and so that it is known when nothing is left to do
/// and time may jump.
/// </summary>
internal sealed class SimulationPump(SimulatedTime time) : SynchronizationContext
{
    private readonly Channel<(SendOrPostCallback Callback, object? State)> _ready = Channel.CreateUnbounded<(SendOrPostCallback, object?)>();
    private int _outside;

    public override void Post(SendOrPostCallback d, object? state) => _ready.Writer.TryWrite((d, state));

    /// <summary>Awaits something that isn't simulated: time stands still until it is there.</summary>
    public async ValueTask<T> OutsideAsync<T>(ValueTask<T> work)
    {
        _outside++;
        try
        {
            return await work;
        }
        finally
        {
            _outside--;
        }
    }

    /// <exception cref="InvalidOperationException">The work waits for something that never comes.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var task = Inside(work);
        while (!task.IsCompleted)
        {
            if (_ready.Reader.TryRead(out var next)) Inside(() => { next.Callback(next.State); return true; });
            else if (_outside > 0) await _ready.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
            else if (!Inside(time.TryMoveToNext)) throw new InvalidOperationException("The run waits for something that a simulation doesn't have.");
        }

        return await task.ConfigureAwait(false);
    }

    private T Inside<T>(Func<T> work)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            return work();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
