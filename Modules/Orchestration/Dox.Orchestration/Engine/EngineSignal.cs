namespace Dox.Orchestration.Engine;

/// <summary>Wakes the engine: a run became due, or room became free.</summary>
internal sealed class EngineSignal : IDisposable
{
    private readonly SemaphoreSlim _signal = new(0);

    public void Raise()
    {
        if (_signal.CurrentCount == 0) _signal.Release();
    }

    /// <summary>Returns when raised, or after <paramref name="poll"/>.</summary>
    public Task WaitAsync(TimeSpan poll, CancellationToken cancellationToken) => _signal.WaitAsync(poll, cancellationToken);

    public void Dispose() => _signal.Dispose();
}
