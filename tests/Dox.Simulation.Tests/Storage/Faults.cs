using System.Data.Common;
using Dox.Simulation.Tests.Scheduling;

namespace Dox.Simulation.Tests.Storage;

/// <summary>What becomes of a call to the store.</summary>
internal enum Fate
{
    Done,

    /// <summary>It never arrives; the caller hears of it late.</summary>
    Lost,

    /// <summary>It is done, and the caller hears that it timed out.</summary>
    DoneAndReportedLost,

    /// <summary>The database rolls it back and says so: a serialisation failure, a deadlock.</summary>
    RolledBack,

    /// <summary>The connection is gone; whether before or after it was done nobody knows.</summary>
    Killed,
}

/// <summary>How often what goes wrong between a node and the store; each seed has its own mix, and many kinds are off in it.</summary>
internal sealed class Faults(Dice dice)
{
    private readonly double _lost = Rate(dice);
    private readonly double _reported = Rate(dice);
    private readonly double _rolledBack = Rate(dice);
    private readonly double _killed = Rate(dice);

    /// <summary>Off once the world is to heal.</summary>
    public bool AreOn { get; set; } = true;

    public TimeSpan Slowest { get; set; } = TimeSpan.FromMilliseconds(dice.Between(2, 60));

    public Fate Throw(bool isCutOff)
    {
        if (isCutOff) return Fate.Lost;
        if (!AreOn) return Fate.Done;
        if (dice.Chance(_lost)) return Fate.Lost;
        if (dice.Chance(_reported)) return Fate.DoneAndReportedLost;
        if (dice.Chance(_rolledBack)) return Fate.RolledBack;
        return dice.Chance(_killed) ? Fate.Killed : Fate.Done;
    }

    public TimeSpan Latency() => dice.Between(TimeSpan.FromMilliseconds(0.1), Slowest);

    /// <summary>After which a caller gives up.</summary>
    public TimeSpan Patience() => dice.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3));

    public bool IsDoneFirst() => dice.Chance(0.5);

    private static double Rate(Dice dice) => dice.Chance(0.5) ? 0 : dice.Of([0.005, 0.02, 0.05, 0.15]);
}

/// <summary>What a database's driver throws.</summary>
internal sealed class SimulatedDbException(string message) : DbException(message)
{
    public override bool IsTransient => true;
}
