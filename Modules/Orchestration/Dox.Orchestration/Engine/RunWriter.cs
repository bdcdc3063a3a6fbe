using System.Data.Common;
using System.Threading.Tasks.Sources;
using Dox.Orchestration.Engine.MemoryBanks;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Infrastructure.Outbox;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Engine;

/// <summary>
/// Writes runs in groups: what is ready when the last flush ends goes into the next one, without waiting for more. A commit is what a durable
/// engine costs, and under load it is shared by all that run. Where the store can, a second flush goes beside the first under load, so that neither
/// side waits while the other works. Starts that may collide are the first one's alone: two transactions that want the same keys in another order
/// would hold each other up for ever.
/// </summary>
internal sealed class RunWriter(IRunStore store, OutboxMessages outbox, BankRelay banks, TimeProvider clock, ILogger<RunWriter> log)
{
    private const int LargestBatch = 256;

    // Fewer aren't worth a transaction of their own beside the one that will take them in a moment.
    private const int WorthASecond = 8;

    // Together three seconds: a database that is started again is met without giving the runs up.
    private static readonly TimeSpan[] Pauses = [.. new[] { 10, 50, 200, 700, 2000 }.Select(ms => TimeSpan.FromMilliseconds(ms))];

    private readonly Lock _lock = new();
    private readonly Stack<PendingWrite> _free = [];
    private readonly Queue<PendingWrite> _waiting = [];
    private readonly Queue<PendingWrite> _colliding = [];
    private readonly bool[] _isFlushing = new bool[store.WritesAtOnce];

    /// <summary>Returns once the write is durable, or nothing of it was done; then the result says why.</summary>
    /// <exception cref="DbException">The database can't be reached, or refused it. It may be written all the same.</exception>
    public ValueTask<RunWriteResult> WriteAsync(RunWrite write)
    {
        ValueTask<RunWriteResult> result;
        int lane;
        lock (_lock)
        {
            if (!_free.TryPop(out var pending)) pending = new PendingWrite(this);
            result = pending.Begin(write);
            (write.MayCollide ? _colliding : _waiting).Enqueue(pending);
            lane = Array.IndexOf(_isFlushing, false);
            if (lane < 0 || (lane > 0 && _waiting.Count < WorthASecond)) return result;
            _isFlushing[lane] = true;
        }

        // The flush is nobody's in particular: it isn't a part of the trace of who came first.
        using (ExecutionContext.SuppressFlow()) _ = FlushAllAsync(lane);
        return result;
    }

    private async Task FlushAllAsync(int lane)
    {
        var pending = new List<PendingWrite>();
        var batch = new List<RunWrite>();
        while (true)
        {
            // Those whose write just ended, and those who came with the first, get their next one in before the flush begins.
            await Task.Yield();
            lock (_lock)
            {
                pending.Clear();
                batch.Clear();
                while (lane == 0 && pending.Count < LargestBatch && _colliding.TryDequeue(out var next)) pending.Add(next);
                while (pending.Count < LargestBatch && _waiting.TryDequeue(out var next)) pending.Add(next);
                _isFlushing[lane] = pending.Count > 0;
                if (!_isFlushing[lane]) return;
            }

            foreach (var write in pending) batch.Add(write.Write);
            await FlushAsync(pending, batch);
        }
    }

    private async Task FlushAsync(List<PendingWrite> pending, List<RunWrite> batch)
    {
        try
        {
            Complete(pending, await WriteAsync(batch));
        }
        catch (Exception e) when (batch.Count == 1 || IsTransient(e))
        {
            foreach (var write in pending) write.Fail(e);
        }
        catch (Exception e)
        {
            // Something that the database can't take at all: whose it is shows when each goes alone, and the others don't pay for it.
            log.LogError(e, "A batch of {Count} checkpoints is split: one of it can't be written", batch.Count);
            for (var i = 0; i < pending.Count; i++) await FlushAsync([pending[i]], [batch[i]]);
        }
    }

    private async Task<IReadOnlyList<RunWriteResult>> WriteAsync(List<RunWrite> batch)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await store.WriteAsync(batch, CancellationToken.None);
            }
            catch (Exception e) when (IsTransient(e) && attempt < Pauses.Length)
            {
                // What was written all the same is recognised.
                log.LogWarning(e, "{Count} checkpoints couldn't be written; trying again", batch.Count);
                await Task.Delay(Pauses[attempt], clock);
            }
        }
    }

    private void Complete(List<PendingWrite> pending, IReadOnlyList<RunWriteResult> results)
    {
        var (told, ended) = (false, false);
        for (var i = 0; i < pending.Count; i++)
        {
            told |= pending[i].Write.Messages.Count > 0;
            ended |= pending[i].Write.BankNote is not null;
            pending[i].Succeed(results[i]);
        }

        if (ended) banks.Raise();
        if (told) outbox.Committed(OrchestrationModule.ModuleName);
    }

    private static bool IsTransient(Exception e) => e is TimeoutException or DbException { IsTransient: true };

    /// <summary>A write that somebody waits for. Used again: a checkpoint leaves nothing behind.</summary>
    private sealed class PendingWrite(RunWriter writer) : IValueTaskSource<RunWriteResult>
    {
        private ManualResetValueTaskSourceCore<RunWriteResult> _core = new() { RunContinuationsAsynchronously = true };

        public RunWrite Write { get; private set; } = null!;

        public ValueTask<RunWriteResult> Begin(RunWrite write)
        {
            Write = write;
            return new(this, _core.Version);
        }

        public void Succeed(RunWriteResult result) => _core.SetResult(result);

        public void Fail(Exception error) => _core.SetException(error);

        public RunWriteResult GetResult(short token)
        {
            try
            {
                return _core.GetResult(token);
            }
            finally
            {
                Write = null!;
                _core.Reset();
                lock (writer._lock) writer._free.Push(this);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
