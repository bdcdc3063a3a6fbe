using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>What steps did to the world, over all hosts of a test; a step can be held up in the middle of it.</summary>
internal sealed class Effects
{
    private readonly ConcurrentQueue<string> _keys = new();
    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    private int _running;

    /// <summary>
    /// Idempotency keys in the order in which they came, repeats and all. On a store that fails a step may run again by right; then a key
    /// counts once.
    /// </summary>
    public IReadOnlyList<string> Keys => FaultyRunStore.IsAsked ? [.. _keys.Distinct(StringComparer.Ordinal)] : [.. _keys];

    /// <summary>Told at each attempt how many go on at that moment, over all hosts.</summary>
    public Action<int>? OnEach { get; set; }

    /// <summary>Holds up the next attempts of the step, until the gate is opened.</summary>
    public Gate HoldUp(string step) => _gates[step] = new Gate();

    public void OpenAll()
    {
        foreach (var gate in _gates.Values) gate.Open();
    }

    public async ValueTask<StepOutcome> HandleAsync(StepCall call, CancellationToken cancellationToken)
    {
        _keys.Enqueue(call.IdempotencyKey);
        OnEach?.Invoke(Interlocked.Increment(ref _running));
        try
        {
            if (_gates.TryGetValue(call.Step.Name, out var gate)) await gate.PassAsync();
            else if (OnEach is not null) await Task.Yield();
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }

        return call.Attempt <= (JsonValues.TryDouble(call.Parameters["fail"]) ?? 0)
            ? StepOutcome.Failure("flaky", "Not yet.")
            : StepOutcome.Success(new JsonObject { ["done"] = call.Step.Name });
    }

    /// <summary>The same, by a step that gives up when it is told to.</summary>
    public async ValueTask<StepOutcome> ObeyAsync(StepCall call, CancellationToken cancellationToken)
    {
        if (_gates.TryGetValue(call.Step.Name, out var gate)) await gate.PassAsync().WaitAsync(cancellationToken);
        return await HandleAsync(call, cancellationToken);
    }

    public sealed class Gate
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when a step has come to it.</summary>
        public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void Open() => _open.TrySetResult();

        public Task PassAsync()
        {
            _reached.TrySetResult();
            return _open.Task;
        }
    }
}
