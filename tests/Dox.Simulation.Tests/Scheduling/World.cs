using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Dox.Simulation.Tests.Storage;
using Dox.Simulation.Tests.Surroundings;

namespace Dox.Simulation.Tests.Scheduling;

/// <summary>
/// One seed's world. Everything in it happens on one thread, a continuation at a time; which of the ready ones is next, how long a call takes
/// and what goes wrong is thrown by the seed's dice. Time moves only when nothing is ready, or when the dice let it.
/// </summary>
internal sealed class World(ulong seed)
{
    /// <summary>A world that hasn't come to rest after so many continuations never will.</summary>
    private const int MostWork = 400_000;

    /// <summary>For which the machine may be away while something is ready.</summary>
    private static readonly long LongestTurn = TimeSpan.FromMilliseconds(30).Ticks;

    public static readonly DateTimeOffset Beginning = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<Work> _ready = [];
    private readonly PriorityQueue<SimulatedTimer, (long Due, long Order)> _timers = new();
    private long _order;
    private long _now;
    private int _done;

    public ulong Seed { get; } = seed;

    /// <summary>The guard that is taken out in it.</summary>
    public Mutation Mutation { get; init; }

    /// <summary>Where a node dies by plan, and not by chance.</summary>
    public CrashPlan? Crash { get; init; }

    /// <summary>What happens, and in which order.</summary>
    public Dice Dice { get; } = new(seed);

    public Trace Trace { get; } = new();

    /// <summary>The services behind the steps.</summary>
    public Services Services => field ??= new Services(this);

    /// <summary>Since the beginning; the true time, which no actor sees.</summary>
    public TimeSpan Elapsed => new(_now);

    public DateTimeOffset Now => Beginning + Elapsed;

    /// <summary>A new id: of this world, and the same when it is played again.</summary>
    public Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Dice.Next());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Dice.Next());
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>What went wrong so far: the first one ends the world.</summary>
    public Violation? Violation { get; private set; }

    public void Violate(string invariant, string message)
    {
        Trace.Write(this, "!", $"{invariant}: {message}");
        Violation ??= new Violation(invariant, message, Elapsed);
    }

    public void Enqueue(Work work) => _ready.Add(work);

    /// <summary>Does something later, as <paramref name="actor"/>; never, if that is dead by then.</summary>
    public void After(TimeSpan delay, Actor actor, Action action) => new SimulatedTimer(this, actor, state => ((Action)state!)(), action).Change(delay, Timeout.InfiniteTimeSpan);

    public void Add(SimulatedTimer timer, TimeSpan delay) => _timers.Enqueue(timer, (timer.Due = _now + delay.Ticks, timer.Order = ++_order));

    /// <summary>What an awaited thing comes back on must be the world's own thread: anything else can't be played again.</summary>
    public void CheckThread(string actor)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException($"'{actor}' went on on a thread of the pool, outside of the simulation.{Environment.NewLine}{Environment.StackTrace}");
    }

    /// <summary>Goes on until <paramref name="isOver"/>, a violation, or until nothing is left to do.</summary>
    /// <param name="isOver">Asked after each continuation.</param>
    /// <param name="after">Called after each continuation: the invariants.</param>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a continuation throws is what we are looking for")]
    public void Run(Func<bool> isOver, Action after)
    {
        while (Violation is null && !isOver())
        {
            if (++_done > MostWork)
            {
                Violate("comes to rest", $"{MostWork:N0} continuations, and no end: something spins.");
                return;
            }

            // A machine under load lets time pass between two continuations
            if (_ready.Count == 0 || (IsNear() && Dice.Chance(0.1)))
            {
                if (!FireNext() && _ready.Count == 0) return;
                continue;
            }

            var at = Dice.Below(_ready.Count);
            var work = _ready[at];
            _ready[at] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            if (work.Actor.IsDead) continue;
            if (work.Actor.IsFrozen)
            {
                work.Actor.Park(work);
                continue;
            }

            try
            {
                work.Actor.Run(() => work.Callback(work.State));
            }
            catch (Exception e)
            {
                Violate("no continuation throws", $"{work.Actor.Name}: {e}");
            }

            after();
        }
    }

    private bool IsNear() => HasNext() && _timers.Peek().Due - _now < LongestTurn;

    /// <summary>Drops what was changed or stopped meanwhile from the head of the timers; false: none is left.</summary>
    private bool HasNext()
    {
        while (_timers.TryPeek(out var timer, out var key))
        {
            if (timer.Order == key.Order && timer.Due == key.Due && !timer.Actor.IsDead) return true;
            _timers.Dequeue();
        }

        return false;
    }

    private bool FireNext()
    {
        if (!HasNext()) return false;
        var timer = _timers.Dequeue();
        _now = Math.Max(_now, timer.Due);
        timer.Fire();
        return true;
    }
}

/// <summary>An invariant that didn't hold.</summary>
internal sealed record Violation(string Invariant, string Message, TimeSpan At);
