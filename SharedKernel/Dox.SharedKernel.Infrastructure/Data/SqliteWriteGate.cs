using System.Collections.Concurrent;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>One writer per SQLite file. WAL with busy_timeout alone still surfaces SQLITE_BUSY under load.</summary>
internal sealed class SqliteWriteGate : IDisposable
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new(StringComparer.Ordinal);

    public async Task<IDisposable> EnterAsync(string file, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(file, static _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        return new Entered(gate);
    }

    public void Dispose()
    {
        foreach (var gate in _gates.Values) gate.Dispose();
    }

    private sealed class Entered(SemaphoreSlim gate) : IDisposable
    {
        private SemaphoreSlim? _gate = gate;

        public void Dispose() => Interlocked.Exchange(ref _gate, null)?.Release();
    }
}
