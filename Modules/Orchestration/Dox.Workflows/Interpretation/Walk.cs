namespace Dox.Workflows.Interpretation;

/// <summary>One advance of a run. While lanes are followed, only one of them at a time may change the state and write it down.</summary>
internal sealed class Walk(IRunServices services)
{
    private SemaphoreSlim? _gate;

    public IRunServices Services { get; } = services;

    /// <summary>From here on the state is changed by several.</summary>
    public void BeginSharing() => _gate ??= new SemaphoreSlim(1, 1);

    public ValueTask<Turn> EnterAsync(CancellationToken cancellationToken) => _gate is null ? new ValueTask<Turn>(default(Turn)) : WaitAsync(_gate, cancellationToken);

    private static async ValueTask<Turn> WaitAsync(SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        return new Turn(gate);
    }

    /// <summary>The right to change the state, until it is disposed of.</summary>
    public readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate?.Release();
    }
}
