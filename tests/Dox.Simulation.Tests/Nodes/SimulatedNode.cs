using System.Text.Json.Nodes;
using Dox.Orchestration;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.MemoryBanks;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.Orchestration.Rules.Actions;
using Dox.Orchestration.Workflows;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
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
    public const string Account = "acc";

    private static readonly MessageCatalog Catalog = new(new ModuleSet([new ContractsOnly("TeamCoordination", typeof(OpenReview).Assembly), new ContractsOnly("Orchestration", typeof(ResumeParent).Assembly)], []));

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
    private readonly RunOperations _operations;

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
        _operations = new RunOperations(Store, _checkpoints, _rules, _interpreter, Metrics, _signal, Clock);
        Actor.StartsChild = StartChildAsync;
        _engine = new RunEngine(
            _rules, _interpreter, _checkpoints, Store,
            _operations, new RunClaims(Store, _rules, this, Clock, new TraceLog<RunClaims>(Actor)), Metrics, this, _signal,
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
    public Task<Id<Workflow>?> StartRunAsync(Rule rule, string key) => StartRunAsync(rule, key, new Id<Workflow>(Actor.World.NewGuid()), ShippedAnswers.Input, parent: null);

    private async Task<Id<Workflow>?> StartRunAsync(Rule rule, string key, Id<Workflow> id, JsonObject input, ParentStep? parent)
    {
        if (await Store.StartedWithAsync(Account, key) is { } earlier) return earlier;
        var run = HeldRun.New(rule, id, new Caller("anna", Account, [Role.Submitter], []), document: null, input, traceParent: null, Clock.GetUtcNow(), "Document");
        parent?.AddTo(run.State.Facts!);
        var result = await _checkpoints.StartAsync(run, keys: [new StartKey { Account = Account, Key = key, WorkflowId = id, Created = Clock.GetUtcNow() }]);
        if (!result.IsWritten) return await Store.StartedWithAsync(Account, key);
        _engine.Take(run);
        return id;
    }

    /// <summary>Gives an answer to a run. False: it must be brought again.</summary>
    public async Task<bool> AnswerAsync(Id<Workflow> run, WaitAnswer answer)
    {
        if (await Store.FindAsync(run, CancellationToken.None) is not OpenRun row) return true;
        var held = HeldRun.Of(row, await _rules.PinnedAsync(row.RuleHash, CancellationToken.None));
        if (_interpreter.Answer(held.Rule, held.State, answer) is not { } attempt) return true;
        if (!await Store.AnswerAsync(_checkpoints.Changed(held, attempt))) return false;
        _signal.Raise();
        return true;
    }

    /// <summary>A child has ended: what the module's handler does. False: it must be brought again.</summary>
    public async Task<bool> ResumeParentAsync(ResumeParent command)
    {
        var parent = await Store.FindAsync(command.ParentId, CancellationToken.None);
        return !ResumeParentHandler.IsEarly(command, parent) && await AnswerAsync(command.ParentId, new WaitAnswer(command.Step, command.Visit, WaitDecision.TryAgain, Reason: "it has ended", To: WaitKind.Workflow));
    }

    /// <summary>A parent was cancelled: what the module's handler does. False: it must be brought again.</summary>
    public async Task<bool> CancelChildAsync(CancelChild command)
    {
        var key = StartChildRun.KeyOf(command.ParentId, command.Step, command.Visit);
        if (await Store.StartedWithAsync(Account, key) is not { } child) return await Store.UseKeyAsync(Account, key, command.ParentId);
        if (child == command.ParentId) return true;
        try
        {
            await OperateAsync(new OperationRequest(Verb.Cancel, child, new Caller(command.By, Account, [Role.System], [])) { Reason = $"with {command.ParentId}", Rollback = command.Rollback });
            return true;
        }
        catch (DoxException e) when (e.Status is 404 or 409)
        {
            return e.RetryAfter is null;
        }
    }

    public Task<OperationResult> OperateAsync(OperationRequest request) => _operations.DoAsync(request, CancellationToken.None);

    /// <summary>Asks until the database answers: what a step makes of a service that is away is its rule's matter, and another end.</summary>
    private async ValueTask<StepOutcome> StartChildAsync(StepCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await TryStartChildAsync(call, cancellationToken);
            }
            catch (Exception e) when (e is TimeoutException or System.Data.Common.DbException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), Clock, cancellationToken);
            }
        }
    }

    private async Task<StepOutcome> TryStartChildAsync(StepCall call, CancellationToken cancellationToken)
    {
        var key = Children.KeyOf(call);
        var child = await StartRunAsync(_rules.Find(Children.RuleOf(call))!, key, Children.IdOf(key), Children.InputOf(call), Children.ParentOf(call))
            ?? throw new TimeoutException("The key was used just now.");
        if (child != Children.IdOf(key)) return StepOutcome.Failure("idempotency_key_reused", "The start comes after its run was cancelled.", retryable: false);
        return await Store.FindAsync(child, cancellationToken) is EndedRun ended ? StartChildRun.OutcomeOf(ended) : Children.WaitFor(child, Clock.GetUtcNow());
    }

    private async Task RunAsync()
    {
        await JoinAsync(CancellationToken.None);
        await _engine.RunAsync(CancellationToken.None);
    }
}
