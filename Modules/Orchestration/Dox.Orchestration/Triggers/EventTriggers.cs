using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Events;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Triggers;

/// <summary>Starts the rules that an event, or another rule's success, starts: one run for each event and rule.</summary>
internal sealed class EventTriggers(RuleBook rules, TriggeredStarts starts, IServiceScopeFactory scopes) : IEventConsumer
{
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
        var context = (JsonObject)e.Data.DeepClone();
        context["event"] = JsonNode.Parse(e.Envelope);
        await starts.StartAsync(
            rule, trigger.Type, $"{e.Type} {e.Id}", $"event:{rule.Name}:{e.Id}", e.Account ?? Caller.System.Account, context, cancellationToken, await DepthOfAsync(e, cancellationToken) + 1);
    }

    /// <summary>How many runs led to this event: what it says itself, or what its run does.</summary>
    private async Task<int> DepthOfAsync(DoxEvent e, CancellationToken cancellationToken)
    {
        var told = Causation.DepthOf(e.Data);
        if (e.WorkflowId is not { } id) return told;
        await using var scope = scopes.CreateAsyncScope();
        var run = await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().FindRunAsync(id, cancellationToken);
        return run is null ? told : Causation.DepthOf(RunStateJson.Read(run.State));
    }
}
