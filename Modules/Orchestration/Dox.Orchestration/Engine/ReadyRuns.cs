using System.Runtime.InteropServices;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Engine;

/// <summary>
/// The runs that this process holds and works on next. High priority first; within a priority the accounts take turns, so that ten thousand
/// documents of one don't hold up the one page of another; and a rule that limits its steps has no more runs out at once.
/// </summary>
internal sealed class ReadyRuns(TimeProvider clock) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _ready = new(0);
    private readonly SortedDictionary<RulePriority, Turns> _waiting = [];
    private readonly Queue<Entry> _inOrder = [];
    private readonly Dictionary<string, Held> _limited = new(StringComparer.Ordinal);
    private bool _completed;

    /// <summary>For how long the run has waited that came first of those that are waiting now.</summary>
    public TimeSpan Lag
    {
        get
        {
            lock (_lock)
            {
                while (_inOrder.TryPeek(out var first) && first.IsTaken) _inOrder.Dequeue();
                return _inOrder.TryPeek(out var oldest) ? clock.GetElapsedTime(oldest.Since) : TimeSpan.Zero;
            }
        }
    }

    public void Add(HeldRun run)
    {
        lock (_lock) Enqueue(run);
        _ready.Release();
    }

    /// <summary>The next run, as soon as there is one; null once it is completed and empty. Tell when it is done.</summary>
    public async ValueTask<HeldRun?> TakeAsync()
    {
        while (true)
        {
            await _ready.WaitAsync();
            lock (_lock)
            {
                if (Dequeue() is not { } run)
                {
                    if (!_completed) continue;
                    // For the next one who waits.
                    _ready.Release();
                    return null;
                }

                if (TryHold(run)) return run;
            }
        }
    }

    /// <summary>The run was advanced: one of its rule that had to wait for that comes to its turn.</summary>
    public void Done(HeldRun run)
    {
        lock (_lock)
        {
            if (run.Rule.Limits.Steps is null || !_limited.TryGetValue(run.Rule.Name, out var held)) return;
            held.Count--;
            if (held.Parked.TryDequeue(out var next)) Enqueue(next);
            else if (held.Count == 0) _limited.Remove(run.Rule.Name);
            if (next is null) return;
        }

        _ready.Release();
    }

    /// <summary>Nothing is added any more. What waits is handed out, limits or not: it is only put down.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            foreach (var held in _limited.Values)
            {
                while (held.Parked.TryDequeue(out var run))
                {
                    Enqueue(run);
                    _ready.Release();
                }
            }
        }

        _ready.Release();
    }

    public void Dispose() => _ready.Dispose();

    private void Enqueue(HeldRun run)
    {
        var entry = new Entry(run, clock.GetTimestamp());
        if (!_waiting.TryGetValue(run.Rule.Priority, out var turns)) _waiting[run.Rule.Priority] = turns = new Turns();
        turns.Add(entry);
        while (_inOrder.TryPeek(out var first) && first.IsTaken) _inOrder.Dequeue();
        _inOrder.Enqueue(entry);
    }

    private HeldRun? Dequeue()
    {
        foreach (var turns in _waiting.Values)
        {
            if (turns.Next() is { } entry)
            {
                entry.IsTaken = true;
                return entry.Run;
            }
        }

        return null;
    }

    private bool TryHold(HeldRun run)
    {
        if (run.Rule.Limits.Steps is not { } most || _completed) return true;
        ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(_limited, run.Rule.Name, out _);
        held ??= new Held();
        if (held.Count < most)
        {
            held.Count++;
            return true;
        }

        held.Parked.Enqueue(run);
        return false;
    }

    private sealed class Entry(HeldRun run, long since)
    {
        public HeldRun Run => run;

        public long Since => since;

        public bool IsTaken { get; set; }
    }

    private sealed class Held
    {
        public int Count { get; set; }

        public Queue<HeldRun> Parked { get; } = [];
    }

    /// <summary>The runs of a priority, each account's in order, an account after the other.</summary>
    private sealed class Turns
    {
        private readonly Dictionary<string, Queue<Entry>> _accounts = new(StringComparer.Ordinal);
        private readonly Queue<string> _turn = [];

        public void Add(Entry entry)
        {
            if (!_accounts.TryGetValue(entry.Run.Account, out var own))
            {
                _accounts[entry.Run.Account] = own = [];
                _turn.Enqueue(entry.Run.Account);
            }

            own.Enqueue(entry);
        }

        public Entry? Next()
        {
            if (!_turn.TryDequeue(out var account)) return null;
            var own = _accounts[account];
            var entry = own.Dequeue();
            if (own.Count > 0) _turn.Enqueue(account);
            else _accounts.Remove(account);
            return entry;
        }
    }
}
