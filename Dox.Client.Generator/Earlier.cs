using System.Text.Json.Nodes;

namespace Dox.Client.Generator;

/// <summary>
/// The description in OpenAPI 3.0, which generators read best: one type each, <c>nullable</c> instead of a second type. DOX takes numbers as text too;
/// a client that writes numbers needs to know of numbers alone. Choices of words are text: a word that a newer server adds breaks no client. A definition,
/// which DOX takes as YAML too, is sent as JSON, under <c>source</c>: generators would put quotes around YAML.
/// </summary>
internal static class Earlier
{
    public static JsonObject Of(JsonObject api)
    {
        api["openapi"] = "3.0.3";
        Lower(api);
        SendDefinitionsAsJson(api);
        return api;
    }

    private static void SendDefinitionsAsJson(JsonObject api)
    {
        foreach (var operation in api["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(method => method.Value as JsonObject))
        {
            if (operation?["requestBody"] is not JsonObject { } body || body["content"]?["application/yaml"] is null) continue;
            body["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Definition" } } };
        }

        api["components"]!["schemas"]!["Definition"] = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray("source"),
            ["properties"] = new JsonObject { ["source"] = new JsonObject { ["type"] = "string", ["description"] = "The definition, as YAML." } },
        };
    }

    private static void Lower(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                foreach (var item in list) Lower(item);
                break;
            case JsonObject schema:
                foreach (var (_, child) in schema.ToList()) Lower(child);
                LowerTypes(schema);
                LowerChoice(schema);
                schema.Remove("examples");
                if (schema["enum"] is JsonArray && schema.Remove("enum")) schema["type"] = "string";
                break;
        }
    }

    private static void LowerTypes(JsonObject schema)
    {
        if (schema["type"] is not JsonArray types) return;
        var names = types.Select(t => (string)t!).ToList();
        if (names.Remove("null")) schema["nullable"] = true;
        if (names.Count > 1 && names.Remove("string")) schema.Remove("pattern");
        schema["type"] = names[0];
    }

    private static void LowerChoice(JsonObject schema)
    {
        if (schema["oneOf"] is not JsonArray choice || choice.FirstOrDefault(c => (string?)c?["type"] == "null") is not { } none) return;
        choice.Remove(none);
        schema["nullable"] = true;
    }
}
