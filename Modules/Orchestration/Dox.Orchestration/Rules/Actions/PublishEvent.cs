using System.Text.Json.Nodes;
using Dox.Orchestration.Events;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Contracts;
using Dox.Workflows;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Rules.Actions;

/// <summary><c>publish_event</c>: tells subscribers, and the rules that such an event starts, that something happened.</summary>
internal sealed class PublishEvent(MessageCatalog catalog, ModuleCall modules, ILogger<PublishEvent> log)
{
    private static readonly MessageType Publish = new(
        "orchestration.publish-events", typeof(PublishEvents.Command), "Orchestration", MessageKind.Command, typeof(PublishEvents.Result));

    public ActionDefinition Definition => new(
        "publish_event", "Tells that something happened: event and data, or events, each with event, data, condition, for_each_team.",
        [new VocabularyParameter("event"), new VocabularyParameter("events"), new VocabularyParameter("data"), new VocabularyParameter("condition"), new VocabularyParameter("for_each_team")],
        ExecuteAsync);

    private async ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        var wanted = call.Parameters["events"] is JsonArray list ? list.Select(e => Wanted(e, call)).ToList() : [Wanted(call.Parameters, call)];
        var events = new List<PublishEvents.Published>();
        foreach (var (type, options) in wanted)
        {
            if (!Holds(options, type, call)) continue;
            var data = (options["data"] ?? call.Parameters["data"])?.DeepClone() as JsonObject ?? [];
            if (!JsonValues.IsTrue(options["for_each_team"]))
            {
                events.Add(new(type, data));
                continue;
            }

            var teams = await TeamsAsync(call, cancellationToken);
            if (teams is null) return StepOutcome.Failure("no_teams", "TeamCoordination doesn't answer with the teams.", 503);
            events.AddRange(teams.Select(team => new PublishEvents.Published(type, With(data, "team", team))));
        }

        var facts = call.Run.Facts;
        var workflow = Id<Workflow>.TryParse(call.Run.RunId, null, out var run) ? run : RootOf(call.IdempotencyKey);
        Id<Document>? document = Id<Document>.TryParse((string?)facts?["document_id"], null, out var id) ? id : null;
        var command = new PublishEvents.Command(call.IdempotencyKey, call.Rule.Service, workflow, document, events);
        var outcome = await modules.SendAsync(Publish, command, call, cancellationToken);
        return outcome is StepOutcome.Succeeded { Output: JsonObject told } ? StepOutcome.Success(With(told, "events", new JsonArray([.. events.Select(e => JsonValue.Create(e.Type))]))) : outcome;
    }

    // A rule inside a step has its parent's key for an id, and that begins with the run's.
    private static Id<Workflow>? RootOf(string key) => Id<Workflow>.TryParse(key.Split('/')[0], null, out var run) ? run : null;

    private static (string Type, JsonObject Options) Wanted(JsonNode? written, StepCall call) => written switch
    {
        JsonValue name when JsonValues.TryString(name) is { } text => (text, []),
        JsonObject map when JsonValues.TryString(map["event"] ?? map["name"] ?? map["event_type"]) is { } text => (text, map),
        _ => throw new StepParameterException($"'{call.Step.Name}' must name what it publishes: event: its_name, or events: [{{ event: its_name, data: … }}]."),
    };

    /// <summary>A condition that can't be evaluated sends nothing: better one event less than one that isn't so.</summary>
    private bool Holds(JsonObject options, string type, StepCall call)
    {
        if (!options.TryGetPropertyValue("condition", out var condition) || condition is null) return true;
        if (JsonValues.TryString(condition) is not { } text) return JsonValues.IsTrue(condition);
        if (call.TryEvaluate(text, out var value)) return JsonValues.IsTrue(value);
        log.LogWarning("{Rule}, '{Step}': the condition '{Condition}' of {Event} can't be evaluated; it isn't published", call.Rule, call.Step.Name, text, type);
        return false;
    }

    private async Task<IReadOnlyList<string>?> TeamsAsync(StepCall call, CancellationToken cancellationToken) =>
        await modules.SendAsync(catalog.Of(typeof(GetTeamNames)), new GetTeamNames(), call, cancellationToken) is StepOutcome.Succeeded { Output: JsonObject answer }
            ? [.. ((JsonArray)answer["names"]!).Select(n => (string)n!)]
            : null;

    private static JsonObject With(JsonObject data, string name, JsonNode? value)
    {
        var copy = (JsonObject)data.DeepClone();
        copy[name] = value;
        return copy;
    }
}
