using System.Collections.Concurrent;

namespace Dox.Validation.Data;

/// <summary>
/// Writes that share a commit: whoever writes takes along what others wait to write. A commit for each upload would cost more than all of its
/// checks.
/// </summary>
/// <param name="most">How many share one.</param>
/// <param name="write">Writes some, in their order, and answers each.</param>
internal sealed class SharedWrites<TItem, TResult>(int most, Func<IReadOnlyList<TItem>, Task<IReadOnlyList<TResult>>> write) : IDisposable
{
    private readonly ConcurrentQueue<(TItem Item, TaskCompletionSource<TResult> Done)> _waiting = new();
    private readonly SemaphoreSlim _turn = new(1, 1);

    public void Dispose() => _turn.Dispose();

    /// <summary>Returns when the item is written. Who stops waiting takes nothing back: others may write it already.</summary>
    public async Task<TResult> WriteAsync(TItem item, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((item, done));
        while (!done.Task.IsCompleted)
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                if (!done.Task.IsCompleted) await WriteWaitingAsync();
            }
            finally
            {
                _turn.Release();
            }
        }

        return await done.Task;
    }

    private async Task WriteWaitingAsync()
    {
        var batch = new List<(TItem Item, TaskCompletionSource<TResult> Done)>();
        while (batch.Count < most && _waiting.TryDequeue(out var next)) batch.Add(next);
        try
        {
            var results = await write(batch.ConvertAll(b => b.Item));
            for (var i = 0; i < batch.Count; i++) batch[i].Done.SetResult(results[i]);
        }
#pragma warning disable CA1031 // whatever it is, everybody who waits for this batch is told
        catch (Exception e)
#pragma warning restore CA1031
        {
            foreach (var (_, done) in batch) done.TrySetException(e);
        }
    }
}
