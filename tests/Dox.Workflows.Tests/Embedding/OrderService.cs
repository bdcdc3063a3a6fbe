using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Embedding;

/// <summary>The sample of docs/guides/embed-the-core.md: a service that runs a rule of its own, and keeps its runs where it keeps its orders.</summary>
internal sealed class OrderService
{
    private const string Order = """
        name: order
        service: shop
        version: "1.0.0"
        trigger: { type: manual, source: the shop }
        input: [items]
        configuration: { heavy: 31.5 }
        steps:
          - name: Weigh
            action: custom_logic
            params: { logic: weigh(items) }
            output: weight
            branches: [{ when: weight <= heavy, to: Ship }, { to: Ask }]
          - name: Ask
            action: manual_intervention
            params: { team: Warehouse, subject: "Really {weight} kg?" }
          - name: Ship
            action: ship
            params: { weight: "{weight}" }
            retry: { max_attempts: 3, base_delay_ms: 100 }
        output: "{weight, parcel}"
        """;

    private readonly IDictionary<string, byte[]> _table;
    private readonly TimeProvider _clock;
    private readonly RuleSet _rules;
    private readonly RuleInterpreter _interpreter;

    public OrderService(IDictionary<string, byte[]> table, Carrier carrier, TimeProvider clock)
    {
        (_table, _clock, _interpreter) = (table, clock, new RuleInterpreter(clock));
        var vocabulary = new Vocabulary()
            .AddFunction("weigh", ["items"], arguments => arguments[0]!.AsArray().Sum(item => JsonValues.TryDouble(item!["kg"])))
            .Add(new ActionDefinition(
                "ship", "Hands a parcel to the carrier.", [new VocabularyParameter("weight", Required: true)],
                async (call, cancellationToken) => await carrier.TakeAsync(call.IdempotencyKey, cancellationToken) is { } parcel
                    ? StepOutcome.Success(new JsonObject { ["parcel"] = parcel })
                    : StepOutcome.Failure("carrier_closed", "The carrier takes nothing now.")));
        _rules = new RuleSet([new RuleParser(vocabulary).Parse(Order, "order.yaml")]);
        if (_rules.Files.SelectMany(file => file.Errors).ToList() is { Count: > 0 } errors) throw new InvalidOperationException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>Begins an order's run, and goes as far as it gets.</summary>
    public async Task<RunState> StartAsync(string order, JsonArray items, CancellationToken cancellationToken)
    {
        var state = RunState.Start(_rules.Find("order")!, order, new JsonObject { ["items"] = items }, _clock.GetUtcNow());
        Keep(state);
        return await GoOnAsync(state, cancellationToken);
    }

    /// <summary>A person has decided what the run waits for.</summary>
    public async Task<bool> DecideAsync(string order, bool approved, CancellationToken cancellationToken)
    {
        var state = RunStateJson.Read(_table[order]);
        if (state.Waits.FirstOrDefault(wait => wait.Kind == WaitKind.Human) is not { } wait) return false;
        var answer = new WaitAnswer(wait.Step, wait.Visit, approved ? WaitDecision.Done : WaitDecision.Refused);
        if (_interpreter.Answer(RuleOf(state), state, answer) is null) return false;
        Keep(state);
        await GoOnAsync(state, cancellationToken);
        return true;
    }

    /// <summary>Once at the start, and whenever a run's time has come: goes on with what was left.</summary>
    public async Task GoOnWithDueAsync(CancellationToken cancellationToken)
    {
        foreach (var kept in _table.Values.ToList())
        {
            var state = RunStateJson.Read(kept);
            var waits = state.WakeAt > _clock.GetUtcNow() || (state.IsWaiting && state.WakeAt is null);
            if (!state.HasEnded && !waits) await GoOnAsync(state, cancellationToken);
        }
    }

    private async Task<RunState> GoOnAsync(RunState state, CancellationToken cancellationToken)
    {
        await _interpreter.AdvanceAsync(RuleOf(state), state, new Surroundings(this), cancellationToken);
        return state;
    }

    private Rule RuleOf(RunState state) => _rules.FindByHash(state.RuleHash)!;

    private void Keep(RunState state) => _table[state.RunId] = RunStateJson.Write(state);

    private sealed class Surroundings(OrderService service) : IRunServices
    {
        public TimeSpan LongestPause => TimeSpan.FromSeconds(1);

        public bool StopRequested => false;

        public Rule? FindRule(string name) => service._rules.Find(name);

        public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken)
        {
            if (mustPersist) service.Keep(state);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Somebody outside, who does a thing once for each key.</summary>
internal sealed class Carrier
{
    private readonly Dictionary<string, string> _taken = new(StringComparer.Ordinal);

    public bool IsOpen { get; set; } = true;

    public IReadOnlyCollection<string> Taken => _taken.Values;

    public ValueTask<string?> TakeAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsOpen) return new(default(string));
        if (!_taken.TryGetValue(key, out var parcel)) _taken[key] = parcel = $"parcel {_taken.Count + 1}";
        return new(parcel);
    }
}
