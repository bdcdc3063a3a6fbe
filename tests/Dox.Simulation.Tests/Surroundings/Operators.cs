using Dox.Orchestration.Engine.Operations;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.Simulation.Tests.Nodes;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>
/// Those who act on runs while these are under way, at moments and nodes that the dice choose. In some worlds nobody does; in some they only hold
/// runs and let them go on, which changes no end. Whoever holds a run lets it go on in the end.
/// </summary>
internal sealed class Operators
{
    /// <summary>The name that they set in contexts.</summary>
    public const string Remark = "remark";

    private static readonly Caller Olga = new("olga", SimulatedNode.Account, [Role.Operator], []);
    private static readonly Verb[] Gentle = [Verb.Pause, Verb.Pause, Verb.Resume];
    private static readonly Verb[] Rough = [Verb.Pause, Verb.Resume, Verb.Cancel, Verb.Cancel, Verb.Retry, Verb.Retry, Verb.Skip, Verb.Context, Verb.Signal];

    private readonly World _world;
    private readonly Cluster _cluster;
    private readonly Database _database;
    private readonly Dice _dice;
    private readonly Actor _actor;
    private readonly List<Act> _acts = [];
    private int _underWay;

    public Operators(World world, Cluster cluster, Database database, TimeSpan until)
    {
        (_world, _cluster, _database, _dice, _actor) = (world, cluster, database, world.Dice.Fork(), new Actor(world, "operators"));
        var verbs = _dice.Chance(0.4) ? null : _dice.Chance(0.5) ? Gentle : Rough;
        if (verbs is null) return;
        for (var acts = _dice.Between(1, 8); acts > 0; acts--)
        {
            var verb = _dice.Of(verbs);
            _underWay++;
            _world.After(_dice.Between(TimeSpan.FromMilliseconds(20), until), _actor, () => _ = ActAsync(verb));
        }
    }

    /// <summary>Nobody is about to act, and no run is held that somebody must let go on.</summary>
    public bool IsQuiet => _underWay == 0;

    public IReadOnlyList<Act> Acts => _acts;

    /// <summary>From now on whatever is held goes on.</summary>
    public void LetAllGoOn() => _world.After(TimeSpan.FromMilliseconds(200), _actor, () => _ = LetGoOnAsync());

    private async Task LetGoOnAsync()
    {
        foreach (var run in _database.Open.Values.Where(r => r.Status == RunStatus.Paused).Select(r => r.Id).ToList())
        {
            _underWay++;
            await DoAsync(Verb.Resume, run);
        }

        LetAllGoOn();
    }

    private Task ActAsync(Verb verb)
    {
        Id<Workflow>[] runs = [.. _database.Open.Keys.Concat(_database.Ended.Keys).OrderBy(id => id.Value)];
        if (runs.Length > 0) return DoAsync(verb, _dice.Of(runs));
        _underWay--;
        return Task.CompletedTask;
    }

    private async Task DoAsync(Verb verb, Id<Workflow> run)
    {
        var act = new Act(verb, run, $"act-{_acts.Count}", Undoes: verb == Verb.Cancel && _dice.Chance(0.4));
        _acts.Add(act);
        var request = new OperationRequest(verb, run, Olga)
        {
            Reason = act.Reason,
            Rollback = act.Undoes,
            Event = "none",
            Data = verb == Verb.Context ? new System.Text.Json.Nodes.JsonObject { [Remark] = act.Reason } : null,
        };
        var (isAnswered, outcome) = await _cluster.AskAsync(_actor, async node =>
        {
            try
            {
                return (await node.OperateAsync(request)).IsPending ? ActOutcome.Pending : ActOutcome.Done;
            }
            catch (DoxException)
            {
                return ActOutcome.Refused;
            }
        });
        act.Outcome = isAnswered ? outcome : ActOutcome.Unknown;
        _world.Trace.Write(_world, "operators", $"{act.Reason}: {verb} of {run}: {act.Outcome}");
        _underWay--;
    }
}

/// <summary>What an operator did, or tried to.</summary>
internal sealed record Act(Verb Verb, Id<Workflow> Run, string Reason, bool Undoes)
{
    public ActOutcome Outcome { get; set; } = ActOutcome.Unknown;

    /// <summary>Whether the run may end otherwise for it.</summary>
    public bool ChangesTheEnd => Outcome != ActOutcome.Refused && Verb is not (Verb.Pause or Verb.Resume or Verb.Context);
}

/// <summary>What an operator was answered.</summary>
internal enum ActOutcome
{
    Unknown,
    Done,
    Pending,
    Refused,
}
