namespace Dox.Simulation.Tests.Scheduling;

/// <summary>An actor's clock. Its time of day may be wrong and jump, as a machine's does; what it measures with doesn't.</summary>
internal sealed class SimulatedClock(Actor actor) : TimeProvider
{
    /// <summary>How wrong the time of day is.</summary>
    public TimeSpan Offset { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => actor.World.Now + Offset;

    public override long GetTimestamp() => actor.World.Elapsed.Ticks + 1;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(actor.World, actor, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer whose callback is ready, for its actor, when its time has come.</summary>
internal sealed class SimulatedTimer(World world, Actor actor, TimerCallback callback, object? state) : ITimer
{
    private TimeSpan _period = Timeout.InfiniteTimeSpan;

    public Actor Actor { get; } = actor;

    public long Due { get; set; }

    /// <summary>Of the moment that counts; another one's is out of date.</summary>
    public long Order { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        world.CheckThread(Actor.Name);
        _period = period;
        Order = 0;
        if (dueTime != Timeout.InfiniteTimeSpan) world.Add(this, dueTime);
        return true;
    }

    public void Fire()
    {
        var order = Order;
        Actor.Post(
            _ =>
            {
                // Stopped between its time and its turn
                if (Order != order) return;
                if (_period > TimeSpan.Zero) world.Add(this, _period);
                callback(state);
            },
            null);
    }

    public void Dispose() => Order = 0;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
