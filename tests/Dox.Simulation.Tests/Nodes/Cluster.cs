using Dox.Orchestration;
using Dox.Orchestration.Contracts;
using Dox.SharedKernel.Ids;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Simulation.Tests.Nodes;

/// <summary>The nodes that share a database. One that is killed is followed by another, which knows nothing of it.</summary>
internal sealed class Cluster(World world, Database database, Faults faults, RuleSet rules, EngineOptions options)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private readonly Actor _server = new(world, "database");
    private readonly List<SimulatedNode> _nodes = [];
    private int _started;

    public IReadOnlyList<SimulatedNode> Living => _nodes;

    public bool IsQuiet => _nodes.TrueForAll(n => n.IsQuiet);

    public void Start()
    {
        var node = new SimulatedNode(world, $"n{++_started}", database, _server, faults, rules, options);
        node.Store.Died = () =>
        {
            Kill(node);
            world.After(TimeSpan.FromMilliseconds(300), _server, () => database.Leave(node.Id));
            world.After(TimeSpan.FromMilliseconds(500), _server, Start);
        };
        _nodes.Add(node);
        world.Trace.Write(world, node.Id, "starts");
        node.Start();
    }

    public void Kill(SimulatedNode node)
    {
        node.Actor.Kill();
        _nodes.Remove(node);
    }

    /// <summary>Starts a run at some node, as a client does that has one key for it; again elsewhere, until one answers.</summary>
    public async Task<Id<Workflow>> StartRunAsync(Actor client, Rule rule, string key)
    {
        while (true)
        {
            if (await AskAsync(client, node => node.StartRunAsync(rule, key)) is (true, { } run)) return run;
        }
    }

    /// <summary>Brings an answer to some node. False: it wasn't taken, and must be brought again.</summary>
    public async Task<bool> AnswerAsync(Actor sender, Id<Workflow> run, WaitAnswer answer) =>
        await AskAsync(sender, node => node.AnswerAsync(run, answer)) is (true, true);

    /// <summary>Brings a message of the module to itself to some node. False: it wasn't taken, and must be brought again.</summary>
    public async Task<bool> TellAsync(Actor sender, object message) =>
        await AskAsync(sender, node => message is ResumeParent ended ? node.ResumeParentAsync(ended) : node.CancelChildAsync((CancelChild)message)) is (true, true);

    /// <summary>Asks a node, and waits no longer than a caller would. It may have been done although no answer came.</summary>
    public async Task<(bool IsAnswered, T? Answer)> AskAsync<T>(Actor caller, Func<SimulatedNode, Task<T>> question)
    {
        var clock = new SimulatedClock(caller);
        if (_nodes.Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), clock);
            return default;
        }

        var node = world.Dice.Of(_nodes);
        var answer = new TaskCompletionSource<(bool, T?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.After(Latency(), node.Actor, () => _ = DoAsync());
        world.After(Patience, caller, () => answer.TrySetResult(default));
        return await answer.Task;

        async Task DoAsync()
        {
            try
            {
                var result = await question(node);
                world.After(Latency(), caller, () => answer.TrySetResult((true, result)));
            }
            catch (Exception e) when (e is TimeoutException or System.Data.Common.DbException)
            {
                world.Trace.Write(world, node.Id, $"couldn't: {e.Message}");
                world.After(Latency(), caller, () => answer.TrySetResult(default));
            }
        }
    }

    private TimeSpan Latency() => world.Dice.Between(TimeSpan.FromMilliseconds(0.1), TimeSpan.FromMilliseconds(5));
}
