using Dox.Orchestration;
using Dox.SharedKernel.Ids;
using Dox.Simulation.Tests.Checking;
using Dox.Simulation.Tests.Nodes;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Simulation.Tests.Surroundings;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Simulation.Tests;

/// <summary>One seed: nodes, rules, clients and troubles, until every run has ended, and what must hold then.</summary>
internal sealed class Simulation
{
    /// <summary>A world that healed comes to rest long before.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly World _world;
    private readonly Invariants _invariants;
    private readonly Database _database;
    private readonly Faults _faults;
    private readonly RuleSet _rules;
    private readonly Cluster _cluster;
    private readonly Teams _teams;
    private readonly Actor _client;
    private readonly Operators? _operators;
    private readonly List<(string Key, Rule Rule, Id<Workflow>? Run)> _starts = [];

    static Simulation() => ExpressionEngine.CountsTime = false;

    private Simulation(ulong seed, Mutation mutation, bool traces, CrashPlan? crash = null, string? rule = null)
    {
        _world = new World(seed) { Mutation = mutation, Crash = crash };
        _world.Trace.IsOn = traces;
        _invariants = new Invariants(_world);
        _database = new Database(_world, _invariants);
        var dice = _world.Dice.Fork();
        _faults = new Faults(_world.Dice.Fork());
        _rules = rule is null ? RuleShelf.For(dice) : RuleShelf.Shipped;
        _teams = new Teams(_world, _database);
        _client = new Actor(_world, "client");
        _cluster = new Cluster(_world, _database, _faults, _rules, new EngineOptions
        {
            Workers = dice.Between(1, 4),
            PollInterval = TimeSpan.FromSeconds(1),
            LongestPause = TimeSpan.FromSeconds(dice.Of([0.0, 0.5, 2.0])),
            MaxRecoveries = 1000,
            BackOff = TimeSpan.FromSeconds(1),
            LostAfter = TimeSpan.FromSeconds(10),
        });
        _teams.Answer = (run, answer) => _cluster.AnswerAsync(_teams.Actor, run, answer);
        _teams.Tell = message => _cluster.TellAsync(_teams.Actor, message);
        if (rule is not null)
        {
            // One node, one run, and nothing that goes wrong but what is planned
            _cluster.Start();
            Heal();
            _starts.Add(("the key", _rules.Find(rule)!, null));
            _world.After(TimeSpan.FromMilliseconds(100), _client, () => _ = StartAsync(0));
            return;
        }

        for (var nodes = dice.Between(1, 3); nodes > 0; nodes--) _cluster.Start();
        var troubles = new Chaos(_world, _cluster, _database);
        _operators = new Operators(_world, _cluster, _database, troubles.Ends + TimeSpan.FromSeconds(3));
        _world.After(troubles.Ends, new Actor(_world, "healer"), Heal);
        Rule[] rules = [.. _rules.Rules.Where(r => r.Mode == RuleMode.Orchestrated && !r.Name.StartsWith("child_", StringComparison.Ordinal))];
        var runs = dice.Between(2, 6);
        for (var i = 0; i < runs; i++)
        {
            _starts.Add(($"key {i}", dice.Of(rules), null));
            var at = i;
            _world.After(dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(3)), _client, () => _ = StartAsync(at));
            // A client that is in doubt asks twice at once
            if (dice.Chance(0.1)) _world.After(dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(3)), _client, () => _ = StartAsync(at));
        }
    }

    public static Outcome Run(ulong seed, Mutation mutation = Mutation.None, bool traces = false)
    {
        var simulation = new Simulation(seed, mutation, traces);
        simulation.Run();
        return new Outcome(seed, simulation._world.Violation, simulation._world.Trace.Lines, simulation._starts.Count, simulation._world.Elapsed);
    }

    /// <summary>One run of a shipped rule on one node, which dies as planned and is followed by another.</summary>
    public static Outcome RunShipped(string rule, ulong seed, CrashPlan crash, bool traces = false)
    {
        var simulation = new Simulation(seed, Mutation.None, traces, crash, rule);
        simulation.Run();
        return new Outcome(seed, simulation._world.Violation, simulation._world.Trace.Lines, 1, simulation._world.Elapsed);
    }

    private void Run()
    {
        _world.Run(() => IsOver() || _world.Elapsed > Longest, () => { });
        if (_world.Violation is not null) return;
        if (!IsOver())
        {
            var open = string.Join("; ", _database.Open.Values.Select(r => $"{r.Id} {r.Status} at '{r.CurrentStep}', owner {r.Owner}, due {r.WakeAt}"));
            _world.Violate(Invariants.AllEnd, open.Length > 0 ? open : $"all runs ended, and {(_cluster.IsQuiet ? "a client or a message waits still" : "a node is still busy")}");
            return;
        }

        Ending.Check(_world, _database, _teams, _rules, [.. _starts.Select(s => (s.Rule, s.Run!.Value))], _operators?.Acts ?? []);
    }

    private bool IsOver() =>
        _database.Open.Count == 0 && _starts.TrueForAll(s => s.Run is not null) && _teams.IsQuiet && _operators?.IsQuiet != false && _cluster.IsQuiet && _world.Services.IsQuiet;

    private void Heal()
    {
        _world.Trace.Write(_world, "chaos", "no more troubles");
        _faults.AreOn = false;
        _teams.IsFlaky = false;
        _operators?.LetAllGoOn();
    }

    private async Task StartAsync(int at)
    {
        var (key, rule, before) = _starts[at];
        var run = await _cluster.StartRunAsync(_client, rule, key);
        if (before is not null && before != run || _starts[at].Run is { } known && known != run) _world.Violate(Invariants.StartedOnce, $"'{key}' started {_starts[at].Run} and {run}");
        _starts[at] = (key, rule, run);
    }
}

/// <summary>What came of a seed.</summary>
internal sealed record Outcome(ulong Seed, Violation? Violation, IReadOnlyList<string> Trace, int Runs, TimeSpan Simulated);
