using System.Threading.Channels;

namespace Dox.Benchmarks.Engine;

/// <summary>
/// The least that a durable engine must do: a row updated and a history row inserted per step, every step awaited durably. One writer takes
/// whatever waits, up to 256, into one statement and one commit. No rules, no leases, no recovery.
/// </summary>
internal sealed class FloorEngine(IFloorDatabase database, int steps, bool endsOnly) : IAsyncDisposable
{
    private const int LargestBatch = 256;

    private readonly Channel<FloorWrite> _waiting = Channel.CreateUnbounded<FloorWrite>(new() { SingleReader = true });
    private Task _writer = Task.CompletedTask;

    public void Start() => _writer = WriteAllAsync();

    /// <summary>Runs a run from its start, which is durable as every step is, to its end.</summary>
    public async Task RunAsync()
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        for (var step = 0; step <= steps; step++)
        {
            if (endsOnly && step > 0 && step < steps) continue;
            var write = new FloorWrite(id, step, $$$"""{"step":{{{step}}},"output":{"n":{{{step}}}}}""");
            _waiting.Writer.TryWrite(write);
            await write.Done.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.Complete();
        await _writer;
        await database.DisposeAsync();
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<FloorWrite>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < LargestBatch && _waiting.Reader.TryRead(out var write)) batch.Add(write);
            await database.WriteAsync(batch);
            foreach (var write in batch) write.Done.SetResult();
        }
    }
}

/// <summary>One step of one run; step 0 is its start.</summary>
internal sealed record FloorWrite(Guid Run, int Step, string State)
{
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

internal interface IFloorDatabase : IAsyncDisposable
{
    Task WriteAsync(IReadOnlyList<FloorWrite> batch);
}
