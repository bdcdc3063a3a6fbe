using Dox.Workflows;

namespace Dox.Simulation.Tests.Scheduling;

/// <summary>
/// Whoever acts in the world: a node's process, the database, a service, people. What it awaits comes back to it by the world's scheduler.
/// A killed one does nothing any more, in the middle of whatever it was doing; a frozen one goes on later as if nothing had been.
/// </summary>
internal sealed class Actor(World world, string name) : SynchronizationContext
{
    private readonly List<Work> _parked = [];

    public World World { get; } = world;

    public string Name { get; } = name;

    /// <summary>What <c>run_workflow</c> of a durable rule does where this actor runs it.</summary>
    public StepHandler? StartsChild { get; set; }

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        World.CheckThread(Name);
        if (IsDead) return;
        var work = new Work(this, d, state);
        if (IsFrozen) _parked.Add(work);
        else World.Enqueue(work);
    }

    public override void Send(SendOrPostCallback d, object? state) => Run(() => d(state));

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Does it now, as this actor.</summary>
    public void Run(Action action)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public void Kill() => IsDead = true;

    public void Freeze() => IsFrozen = true;

    public void Thaw()
    {
        IsFrozen = false;
        foreach (var work in _parked) World.Enqueue(work);
        _parked.Clear();
    }

    /// <summary>Takes work that the scheduler had picked before this actor was frozen.</summary>
    public void Park(Work work) => _parked.Add(work);
}

/// <summary>Something that is ready to be done.</summary>
internal readonly record struct Work(Actor Actor, SendOrPostCallback Callback, object? State);
