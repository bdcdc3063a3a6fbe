using Dox.Orchestration;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.MemoryBanks;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.Simulation.Tests.Scheduling;
using Dox.Simulation.Tests.Storage;
using Dox.Simulation.Tests.Surroundings;
using Dox.TeamCoordination.Contracts;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.Options;

namespace Dox.Simulation.Tests.Nodes;

/// <summary>A process of DOX: the real engine, interpreter and writer, on a simulated machine.</summary>
internal sealed class SimulatedNode : INode
{
    private const string Account = "acc";

    private static readonly MessageCatalog Catalog = new(new ModuleSet([new ContractsOnly("TeamCoordination", typeof(OpenReview).Assembly)], []));

    // Its counters are the process's: one for all nodes of all worlds
    private static readonly RunMetrics Metrics = new(null!, null!, TimeProvider.System);

    // The rules are given to it, and it looks for none
    private static readonly IOptions<RuleOptions> RuleFolders = Options.Create(new RuleOptions());

    private readonly Database _database;
    private readonly RuleBook _rules;
    private readonly RuleInterpreter _interpreter;
    private readonly RunCheckpoints _checkpoints;
    private readonly EngineSignal _signal;
    private readonly RunEngine _engine;

    public SimulatedNode(World world, string id, Database database, Actor server, Faults faults, RuleSet rules, EngineOptions options)
    {
        (Id, _database) = (id, database);
        Actor = new Actor(world, id);
        Clock = new SimulatedClock(Actor);
        Store = new SimulatedStore(database, Actor, server, id, faults);
        var settings = Options.Create(options);
        _rules = new RuleBook(null!, RuleFolders, null!, Clock, new TraceLog<RuleBook>(Actor)) { Loaded = rules };
        _interpreter = new RuleInterpreter(Clock);
        _signal = new EngineSignal(Clock);
        var outbox = new OutboxMessages(Catalog, new OutboxSignals(), Clock);
        var writer = new RunWriter(Store, outbox, new BankRelay(null!, settings, Clock, new TraceLog<BankRelay>(Actor)), Clock, new TraceLog<RunWriter>(Actor));
        _checkpoints = new RunCheckpoints(writer, new RunMessages(_interpreter, outbox, settings, Clock), this, settings, Clock);
        _engine = new RunEngine(
            _rules, _interpreter, _checkpoints, Store,
            new RunOperations(Store, _checkpoints, _rules, _interpreter, Metrics, _signal, Clock, new TraceLog<RunOperations>(Actor)), new RunClaims(Store, _rules, this, Clock, new TraceLog<RunClaims>(Actor)), Metrics, this, _signal,
            new NoContent(), settings, Clock, new TraceLog<RunEngine>(Actor));
    }

    public string Id { get; }

    public Actor Actor { get; }

    public SimulatedClock Clock { get; }

    public SimulatedStore Store { get; }

    /// <summary>It holds no run.</summary>
    public bool IsQuiet => !_engine.IsBusy;

    public void Start() => Actor.Post(_ => _ = RunAsync(), null);

    public Task JoinAsync(CancellationToken cancellationToken)
    {
        _database.Join(Id);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> DeadAmongAsync(IReadOnlyList<string> nodes, CancellationToken cancellationToken) => Store.DeadAmongAsync(nodes, cancellationToken);

    /// <summary>Takes its lock again, as a living process does once it notices that it lost it.</summary>
    public void JoinAgain()
    {
        if (!Actor.IsDead && !Actor.IsFrozen && !Store.IsCutOff) _database.Join(Id);
    }

    /// <summary>Starts a run, or finds the one that the key started. Null: the key was used meanwhile; ask again.</summary>
    public async Task<Id<Workflow>?> StartRunAsync(Rule rule, string key)
    {
        if (await Store.StartedWithAsync(Account, key) is { } earlier) return earlier;
        var world = Actor.World;
        var id = new Id<Workflow>(world.NewGuid());
        var run = HeldRun.New(rule, id, new Caller("anna", Account, [Role.Submitter], []), document: null, ShippedAnswers.Input, traceParent: null, Clock.GetUtcNow(), "Document");
        var result = await _checkpoints.StartAsync(run, keys: [new StartKey { Account = Account, Key = key, WorkflowId = id, Created = Clock.GetUtcNow() }]);
        if (!result.IsWritten) return await Store.StartedWithAsync(Account, key);
        _engine.Take(run);
        return id;
    }

    public async Task AnswerAsync(Id<Workflow> run, WaitAnswer answer)
    {
        if (await Store.FindAsync(run, CancellationToken.None) is not OpenRun row) return;
        var held = HeldRun.Of(row, await _rules.PinnedAsync(row.RuleHash, CancellationToken.None));
        if (_interpreter.Answer(held.Rule, held.State, answer) is not { } attempt) return;
        var written = await Store.WriteAsync([_checkpoints.Changed(held, attempt)], CancellationToken.None);
        if (written[0].IsWritten) _signal.Raise();
    }

    private async Task RunAsync()
    {
        await JoinAsync(CancellationToken.None);
        await _engine.RunAsync(CancellationToken.None);
    }
}
