using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Events;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Triggers;

/// <summary>Starts the rules that an event, or another rule's success, starts: one run for each event and rule.</summary>
internal sealed class EventTriggers(RuleBook rules, TriggeredStarts starts, IServiceScopeFactory scopes, ILogger<EventTriggers> log) : IEventConsumer
{
    /// <summary>How many runs may start each other one after another: more is a circle.</summary>
    private const int LongestChain = 20;
    private const string Chain = "trigger_chain";

    public string Name => "event-triggers";

    public ValueTask<FeedInterest> InterestAsync(CancellationToken cancellationToken)
    {
        var interest = FeedInterest.Nothing;
        foreach (var (_, trigger) in Triggers())
        {
            if (EventType.IsTheEngines(trigger.Name!) || rules.Find(trigger.Name!) is not null) return new(FeedInterest.Everything);
            interest = FeedInterest.Raised;
        }

        return new(interest);
    }

    public async Task TakeAsync(IReadOnlyList<DoxEvent> events, CancellationToken cancellationToken)
    {
        var triggers = Triggers().ToList();
        foreach (var e in events)
        {
            foreach (var (rule, trigger) in triggers.Where(t => IsMeant(t.Trigger, e)).DistinctBy(t => t.Rule))
            {
                // A rule that its own runs' events start would never come to an end.
                if (e.RuleName == rule.Name) continue;
                await StartAsync(rule, trigger, e, cancellationToken);
            }
        }
    }

    private IEnumerable<(Rule Rule, RuleTrigger Trigger)> Triggers() =>
        from rule in rules.Loaded.Rules
        from trigger in rule.Triggers
        where trigger is { Type: RuleTriggerType.Event or RuleTriggerType.Cascade, Name: not null }
        select (rule, trigger);

    private static bool IsMeant(RuleTrigger trigger, DoxEvent e) =>
        trigger.Name == e.Type || (trigger.Type == RuleTriggerType.Cascade && e.Type == EventType.WorkflowCompleted && trigger.Name == e.RuleName);

    private async Task StartAsync(Rule rule, RuleTrigger trigger, DoxEvent e, CancellationToken cancellationToken)
    {
        var chain = await ChainOfAsync(e, cancellationToken) + 1;
        if (chain > LongestChain)
        {
            log.LogError("{Event} doesn't start {Rule}: {Count} runs have started each other in a row, which is a circle", e.Type, rule, LongestChain);
            return;
        }

        var context = (JsonObject)e.Data.DeepClone();
        context["event"] = JsonNode.Parse(e.Envelope);
        context[Chain] = chain;
        await starts.StartAsync(rule, trigger.Type, $"{e.Type} {e.Id}", $"event:{rule.Name}:{e.Id}", e.Account ?? Caller.System.Account, context, cancellationToken);
    }

    /// <summary>How many runs came one from another before this event.</summary>
    private async Task<int> ChainOfAsync(DoxEvent e, CancellationToken cancellationToken)
    {
        if (e.WorkflowId is not { } id) return 0;
        await using var scope = scopes.CreateAsyncScope();
        var run = await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().FindRunAsync(id, cancellationToken);
        return run is null ? 0 : (int?)(RunStateJson.Read(run.State).Input as JsonObject)?[Chain] ?? 0;
    }
}
