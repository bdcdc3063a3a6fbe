namespace Dox.Orchestration.Engine;

/// <summary>Wakes the engine: a run became due, or room became free. However often it is raised before somebody waits, that one is woken once.</summary>
internal sealed class EngineSignal(TimeProvider clock)
{
    private int _wish;
    private volatile TaskCompletionSource _raised = NotRaised();

    /// <summary>An operator left word for a run that this node may hold.</summary>
    public void RaiseWish()
    {
        Volatile.Write(ref _wish, 1);
        Raise();
    }

    /// <summary>Whether word was left since it was asked last.</summary>
    public bool TakeWish() => Interlocked.Exchange(ref _wish, 0) == 1;

    public void Raise() => _raised.TrySetResult();

    /// <summary>Returns when raised, or after <paramref name="poll"/>.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WaitAsync(TimeSpan poll, CancellationToken cancellationToken)
    {
        var raised = _raised;
        await using var timer = clock.CreateTimer(Raise, raised, poll, Timeout.InfiniteTimeSpan);
        await using var stop = cancellationToken.UnsafeRegister(Raise, raised);
        await raised.Task;
        // Raised again from here on is raised for this waiter too, who looks for work now.
        _raised = NotRaised();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static void Raise(object? raised) => ((TaskCompletionSource)raised!).TrySetResult();

    private static TaskCompletionSource NotRaised() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
