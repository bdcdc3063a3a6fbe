using System.Collections.Concurrent;

namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>Wakes a module's relay after a commit. Losing a signal loses time alone: the relay polls too.</summary>
internal sealed class OutboxSignals : IDisposable
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _signals = new(StringComparer.Ordinal);

    public void Raise(string module)
    {
        var signal = Of(module);
        if (signal.CurrentCount == 0) signal.Release();
    }

    /// <summary>Returns when the module committed something to send, or after <paramref name="poll"/>.</summary>
    public Task WaitAsync(string module, TimeSpan poll, CancellationToken cancellationToken) => Of(module).WaitAsync(poll, cancellationToken);

    public void Dispose()
    {
        foreach (var signal in _signals.Values) signal.Dispose();
    }

    private SemaphoreSlim Of(string module) => _signals.GetOrAdd(module, static _ => new SemaphoreSlim(0));
}
