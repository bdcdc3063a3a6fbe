namespace Dox.Workflows.Simulation;

/// <summary>Time that only moves when nothing else can happen, and then straight to what is next due.</summary>
internal sealed class SimulatedTime(DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<Alarm, (DateTimeOffset Due, long Order)> _alarms = new();
    private DateTimeOffset _now = start;
    private long _order;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Moves forward, never back.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        while (_alarms.TryPeek(out _, out var next) && next.Due <= time) TryMoveToNext();
        if (time > _now) _now = time;
    }

    /// <summary>Moves to the next alarm and rings it; false where there is none.</summary>
    public bool TryMoveToNext()
    {
        while (_alarms.TryDequeue(out var alarm, out var at))
        {
            if (!alarm.IsSetFor(at.Due)) continue;
            if (at.Due > _now) _now = at.Due;
            alarm.Ring();
            return true;
        }

        return false;
    }

    private sealed class Alarm(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private DateTimeOffset? _due;

        public bool IsSetFor(DateTimeOffset due) => _due == due;

        public void Ring()
        {
            _due = null;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                _due = null;
                return true;
            }

            _due = time._now + dueTime;
            time._alarms.Enqueue(this, (_due.Value, time._order++));
            return true;
        }

        public void Dispose() => _due = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
