using System.Threading.Channels;

namespace Dox.Workflows.Interpretation;

/// <summary>One advance of a run. While lanes are followed, only one of them at a time may change the state and write it down.</summary>
internal sealed class Walk(IRunServices services)
{
    // With room for one. A semaphore would wake who waits for it on a thread of the pool, out of its caller's context
    private Channel<bool>? _gate;

    public IRunServices Services { get; } = services;

    /// <summary>From here on the state is changed by several.</summary>
    public void BeginSharing() => _gate ??= Channel.CreateBounded<bool>(1);

    public ValueTask<Turn> EnterAsync(CancellationToken cancellationToken) => _gate is null ? new ValueTask<Turn>(default(Turn)) : WaitAsync(_gate, cancellationToken);

    private static async ValueTask<Turn> WaitAsync(Channel<bool> gate, CancellationToken cancellationToken)
    {
        await gate.Writer.WriteAsync(true, cancellationToken);
        return new Turn(gate);
    }

    /// <summary>The right to change the state, until it is disposed of.</summary>
    public readonly struct Turn(Channel<bool> gate) : IDisposable
    {
        public void Dispose() => gate?.Reader.TryRead(out _);
    }
}
