using System.Text.Json.Nodes;
using Dox.Simulation.Tests.Scheduling;
using Dox.Workflows;
using Dox.Workflows.Interpretation;

namespace Dox.Simulation.Tests.Surroundings;

/// <summary>What rules can name in the simulation. A handler finds its world by the actor that calls it, so that a rule is compiled once for many worlds.</summary>
internal static class SimulatedVocabulary
{
    private static readonly VocabularyParameter[] Parameters = [new("fails"), new("unsure"), new("given"), new("undoes")];

    /// <summary>For rules that are made up.</summary>
    public static Vocabulary ForRandomRules() => new Vocabulary()
        .Add(new ActionDefinition("effect", "Changes something outside the run, once per key.", Parameters, Serve))
        .Add(new ActionDefinition("look", "Changes nothing.", [], Look, HasEffect: false))
        .Add(new ActionDefinition("run_workflow", "Starts a run of its own.", [], StartChild));

    /// <summary>For the rules in <c>workflows/</c>: every function and service that they name, answered well or, by the run's id, less well.</summary>
    public static Vocabulary ForShippedRules()
    {
        var vocabulary = new Vocabulary()
            .Add(new ActionDefinition("api_call", "", [new("service", Required: true), new("method"), new("endpoint"), new("body"), new("timeout_seconds"), new("query"), new("headers")], Serve))
            .Add(new ActionDefinition("update_memory", "", [new("file"), new("update"), new("updates")], Serve))
            .Add(new ActionDefinition("notify_team", "", [new("team"), new("subject"), new("message")], Serve))
            .Add(new ActionDefinition("store_result", "", [new("table"), new("data")], Serve))
            .Add(new ActionDefinition("publish_event", "", [new("event"), new("events"), new("data")], Serve));
        foreach (var name in ShippedAnswers.Functions) vocabulary.Add(new FunctionDefinition(name, "", [new("a"), new("b"), new("c"), new("d")], Serve));
        foreach (var service in ShippedAnswers.Services) vocabulary.Add(new ServiceDefinition(service));
        return vocabulary;
    }

    private static ValueTask<StepOutcome> Serve(StepCall call, CancellationToken cancellationToken) =>
        ((Actor)SynchronizationContext.Current!).World.Services.CallAsync(call, cancellationToken);

    private static ValueTask<StepOutcome> StartChild(StepCall call, CancellationToken cancellationToken) => ((Actor)SynchronizationContext.Current!).StartsChild!(call, cancellationToken);

    private static ValueTask<StepOutcome> Look(StepCall call, CancellationToken cancellationToken) =>
        new(StepOutcome.Success(new JsonObject { ["seen"] = StableHash.Of(call.IdempotencyKey) % 10 }));
}
