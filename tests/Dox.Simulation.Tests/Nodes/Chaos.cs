using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;

namespace Dox.Simulation.Tests.Nodes;

/// <summary>What befalls nodes, at moments that the dice choose: in the middle of anything.</summary>
internal sealed class Chaos
{
    private readonly World _world;
    private readonly Cluster _cluster;
    private readonly Database _database;
    private readonly Dice _dice;
    private readonly Actor _actor;

    public Chaos(World world, Cluster cluster, Database database)
    {
        (_world, _cluster, _database, _dice, _actor) = (world, cluster, database, world.Dice.Fork(), new Actor(world, "chaos"));
        Ends = _dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12));
        // A seed has some kinds of trouble and is free of the others: what one hides comes to light without it
        Action<SimulatedNode>[] all = [Crash, Crash, Freeze, CutOff, LoseSession, TurnClock];
        Action<SimulatedNode>[] kinds = [.. all.Where(_ => _dice.Chance(0.5))];
        if (kinds.Length == 0) return;
        for (var blows = _dice.Between(1, 6); blows > 0; blows--)
        {
            var kind = _dice.Of(kinds);
            Later(_dice.Between(TimeSpan.Zero, Ends), () =>
            {
                if (_cluster.Living is { Count: > 0 } living) kind(_dice.Of(living));
            });
        }
    }

    /// <summary>When the last blow has fallen.</summary>
    public TimeSpan Ends { get; }

    private void Later(TimeSpan delay, Action action) => _world.After(delay, _actor, action);

    private void Crash(SimulatedNode node)
    {
        _world.Trace.Write(_world, "chaos", $"{node.Id} is killed");
        _cluster.Kill(node);
        // The kernel closes its connections, and the server notices soon
        Later(_dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(1)), () => _database.Leave(node.Id));
        Later(_dice.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(4)), _cluster.Start);
    }

    private void Freeze(SimulatedNode node)
    {
        // Twice in a row is less than the time-outs of the shipped rules: running into one of those is right, and not what a run without troubles does
        var length = _dice.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(4.5));
        if (node.Actor.IsFrozen) return;
        _world.Trace.Write(_world, "chaos", $"{node.Id} stands still for {length.TotalSeconds:0.00} s");
        node.Actor.Freeze();
        NoticeWithin(length, node);
        Later(length, () =>
        {
            _world.Trace.Write(_world, "chaos", $"{node.Id} goes on");
            node.Actor.Thaw();
            node.JoinAgain();
        });
    }

    private void CutOff(SimulatedNode node)
    {
        var length = _dice.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(12));
        _world.Trace.Write(_world, "chaos", $"{node.Id} can't reach the database for {length.TotalSeconds:0.00} s");
        node.Store.IsCutOff = true;
        NoticeWithin(length, node);
        Later(length, () =>
        {
            node.Store.IsCutOff = false;
            node.JoinAgain();
        });
    }

    private void LoseSession(SimulatedNode node)
    {
        _database.Leave(node.Id);
        Later(_dice.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(3)), node.JoinAgain);
    }

    private void TurnClock(SimulatedNode node)
    {
        node.Clock.Offset += _dice.Between(TimeSpan.FromSeconds(-20), TimeSpan.FromSeconds(20));
        _world.Trace.Write(_world, "chaos", $"{node.Id}'s clock is {node.Clock.Offset.TotalSeconds:0.00} s off");
    }

    /// <summary>After a while without a sign the server takes the node's session away, if that is before it is back.</summary>
    private void NoticeWithin(TimeSpan length, SimulatedNode node)
    {
        var noticed = _dice.Between(TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(5));
        if (noticed < length) Later(noticed, () => _database.Leave(node.Id));
    }
}
