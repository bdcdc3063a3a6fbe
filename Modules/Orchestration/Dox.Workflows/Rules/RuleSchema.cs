using System.Text.Json.Nodes;
using Dox.Workflows.Actions;

namespace Dox.Workflows.Rules;

/// <summary>
/// A JSON Schema of rule files, for editors: it completes keys, actions, functions and services, and marks slips while they are typed. It is
/// stricter than the parser, which reads what it doesn't know as documentation.
/// </summary>
public static class RuleSchema
{
    private static readonly string[] ConditionTypes = ["file_validation", "service_ready", "user_permission", "rate_limit", "dependency_ready", "custom_logic"];

    /// <summary>The schema for rules that may name what is in the vocabulary.</summary>
    public static JsonObject Of(Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "A DOX rule",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = Names(["name", "version", "steps"]),
            ["properties"] = RootProperties(),
            ["definitions"] = new JsonObject
            {
                ["trigger"] = Trigger(),
                ["step"] = Step(vocabulary),
                ["policy"] = Policy(),
                ["retry"] = Retry(),
                ["seconds"] = new JsonObject { ["type"] = Names(["number", "string"]), ["description"] = "Seconds: 30, 30s, 5m, 2h.", ["minimum"] = 0 },
                ["expression"] = new JsonObject { ["type"] = Names(["string", "boolean", "number"]), ["description"] = "A JavaScript expression." },
            },
        };
    }

    private static JsonObject RootProperties() => new()
    {
        ["name"] = new JsonObject { ["type"] = "string", ["pattern"] = "^[a-z][a-z0-9_]{0,99}$", ["description"] = "snake_case; with the version it identifies the rule." },
        ["service"] = Text("The owner."),
        ["version"] = new JsonObject { ["type"] = "string", ["pattern"] = @"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$", ["description"] = "Three numbers, in quotes." },
        ["description"] = Text("What it is for."),
        ["priority"] = Choice(["high", "medium", "low"], "Which runs are taken first."),
        ["mode"] = Choice(["orchestrated", "embedded"], "orchestrated: durable; embedded: in the caller's request, nothing is kept."),
        ["durability"] = Choice(["step", "ends"], "How often a durable run is written down."),
        ["limits"] = Map("How much of it may go on at once.", new JsonObject
        {
            ["runs"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["description"] = "Runs that are worked on, in all processes together." },
            ["steps"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["description"] = "Runs that one process works on." },
        }),
        ["trigger"] = new JsonObject { ["anyOf"] = new JsonArray(Reference("trigger"), ListOf(Reference("trigger"))) },
        ["conditions"] = ListOf(Map("What must hold before a run starts.", new JsonObject
        {
            ["type"] = Choice(ConditionTypes, "What kind of condition."),
            ["check"] = Reference("expression"),
            ["description"] = Text("What it is for."),
        }, "type", "check")),
        ["configuration"] = new JsonObject { ["type"] = "object", ["description"] = "Constants for expressions." },
        ["input"] = ListOf(Text("A name that a run is given.")),
        ["steps"] = new JsonObject { ["type"] = "array", ["minItems"] = 1, ["items"] = Reference("step") },
        ["error_handling"] = new JsonObject { ["type"] = "object", ["additionalProperties"] = Reference("policy") },
        ["memory_bank_updates"] = ListOf(Map("Applied when the run ends.", new JsonObject { ["file"] = Text("SUPERVISOR.json, SERVICE_[service].json…"), ["update"] = new JsonObject { ["type"] = "object" } }, "file", "update")),
        ["output"] = new JsonObject { ["description"] = "What a run returns; absent: everything that its steps produced." },
    };

    private static JsonObject Trigger() => Map("What starts the rule.", new JsonObject
    {
        ["type"] = Choice(["api_request", "event", "schedule", "manual", "cascade"], "What kind of trigger."),
        ["source"] = Text("METHOD path, an event's name, a cron of five fields (UTC), a rule's name, or words."),
        ["description"] = Text("What it is for."),
        ["overlap"] = Choice(["skip", "queue", "allow"], "Of a schedule: what becomes of a firing while a run of the rule is open."),
        ["catch_up"] = Choice(["none", "last", "all"], "Of a schedule: which firings are made up for that came while nobody ran."),
    }, "type");

    private static JsonObject Step(Vocabulary vocabulary)
    {
        var actions = vocabulary.ActionNames.ToList();
        var step = Map("A step.", new JsonObject
        {
            ["name"] = new JsonObject { ["type"] = "string", ["maxLength"] = 100, ["pattern"] = "^[^/]+$", ["description"] = "Unique in the rule." },
            ["action"] = Choice(actions, "What it does."),
            ["description"] = Text("What it is for."),
            ["params"] = new JsonObject { ["type"] = "object" },
            ["on_success"] = Text("A step, workflow_complete, a policy, or a key of error_handling; absent: the next step."),
            ["on_failure"] = Text("A policy, a key of error_handling, or a step; absent: fail."),
            ["error_message"] = Text("What the run's error says; {error_message} is the step's own."),
            ["when"] = Reference("expression"),
            ["branches"] = ListOf(Map("A way on.", new JsonObject { ["when"] = Reference("expression"), ["to"] = Text("A target as of on_success."), ["description"] = Text("What it is for.") }, "to")),
            ["retry"] = Reference("retry"),
            ["timeout_seconds"] = Reference("seconds"),
            ["compensate"] = Map("What rollback runs.", new JsonObject { ["action"] = Choice(actions, "What undoes the step."), ["params"] = new JsonObject { ["type"] = "object" } }, "action"),
            ["output"] = Text("The name of its result in the context."),
        }, "name", "action");
        var perAction = BuiltInActions.Definitions.Select(action => (action.Name, action.Parameters, Loose: action.Name == "custom_logic"))
            .Concat(vocabulary.Actions.Values.Where(action => BuiltInActions.Find(action.Name) is null).Select(action => (action.Name, action.Parameters, Loose: false)))
            .OrderBy(action => action.Name, StringComparer.Ordinal);
        step["allOf"] = new JsonArray([.. perAction.Select(action => (JsonNode)new JsonObject
        {
            ["if"] = new JsonObject { ["properties"] = new JsonObject { ["action"] = new JsonObject { ["const"] = action.Name } } },
            ["then"] = new JsonObject { ["properties"] = new JsonObject { ["params"] = Parameters(action.Name, action.Parameters, action.Loose, vocabulary) } },
        })]);
        return step;
    }

    private static JsonObject Parameters(string action, IReadOnlyList<VocabularyParameter> known, bool loose, Vocabulary vocabulary)
    {
        var properties = new JsonObject();
        foreach (var parameter in known) properties[parameter.Name] = new JsonObject();
        foreach (var name in StepSource.OfTheStep) properties[name] = name == "timeout_seconds" ? Reference("seconds") : Text("A target as of on_success.");
        if (action == "api_call")
        {
            properties["service"] = new JsonObject { ["anyOf"] = new JsonArray(Choice(vocabulary.Services.Keys.Order(StringComparer.Ordinal), "A service of Dox:Services."), new JsonObject { ["type"] = "string", ["pattern"] = @"\{" }) };
            properties["method"] = Choice(["GET", "POST", "PUT", "PATCH", "DELETE"], "The HTTP method.");
        }

        if (action == "custom_logic")
            properties["logic"] = new JsonObject { ["type"] = "string", ["description"] = $"An expression, or the call of a function: {string.Join(", ", vocabulary.Functions.Keys.Order(StringComparer.Ordinal))}." };
        var required = known.Where(parameter => parameter.Required).Select(parameter => parameter.Name).ToList();
        var schema = new JsonObject { ["properties"] = properties };
        if (!loose) schema["additionalProperties"] = false;
        if (required.Count > 0) schema["required"] = Names(required);
        return schema;
    }

    private static JsonObject Policy() => new()
    {
        ["anyOf"] = new JsonArray(
            Choice(PolicyReader.Names, "A policy."),
            Map("A policy with its numbers and words.", new JsonObject
            {
                ["policy"] = Choice(PolicyReader.Names, "Which."),
                ["message"] = Text("What the run's error says."),
                ["status"] = new JsonObject { ["type"] = Names(["integer", "string"]), ["description"] = "Of reject_request: what the caller is answered, 400 to 599." },
                ["team"] = Text("Of manual_intervention: who is asked."),
                ["then"] = Choice(PolicyReader.Names.Where(name => name != "retry"), "Of retry: what is done when the last attempt failed too."),
                ["max_attempts"] = Number(1, 100),
                ["backoff"] = Choice(["exponential", "fixed"], "How the delay grows."),
                ["base_delay_ms"] = Number(0, 86_400_000),
                ["max_delay_ms"] = Number(0, 86_400_000),
                ["jitter"] = new JsonObject { ["type"] = "boolean" },
                ["when"] = Reference("expression"),
            }, "policy")),
    };

    private static JsonObject Retry() => Map("How a step that failed is tried again.", new JsonObject
    {
        ["max_attempts"] = Number(1, 100),
        ["backoff"] = Choice(["exponential", "fixed"], "How the delay grows."),
        ["base_delay_ms"] = Number(0, 86_400_000),
        ["max_delay_ms"] = Number(0, 86_400_000),
        ["jitter"] = new JsonObject { ["type"] = "boolean" },
        ["when"] = Reference("expression"),
    });

    private static JsonObject Map(string description, JsonObject properties, params IEnumerable<string> required) => new()
    {
        ["type"] = "object",
        ["description"] = description,
        ["additionalProperties"] = false,
        ["required"] = Names(required),
        ["properties"] = properties,
    };

    private static JsonObject Text(string description) => new() { ["type"] = "string", ["description"] = description };

    private static JsonObject Choice(IEnumerable<string> values, string description) => new() { ["enum"] = Names(values), ["description"] = description };

    private static JsonObject Number(double least, double most) => new() { ["type"] = "number", ["minimum"] = least, ["maximum"] = most };

    private static JsonObject ListOf(JsonNode items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject Reference(string definition) => new() { ["$ref"] = $"#/definitions/{definition}" };

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(name => (JsonNode)JsonValue.Create(name)!)];
}
