using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Actions;

/// <summary>The part of JSON Schema that rules use. A keyword that isn't known is said: a check that silently doesn't check is worse than none.</summary>
internal sealed class DataSchema
{
    private static readonly string[] Keywords =
        ["type", "required", "properties", "items", "enum", "minimum", "maximum", "min_length", "max_length", "description"];

    private static readonly string[] Types = ["object", "array", "string", "number", "integer", "boolean", "null"];

    private string? Type { get; init; }

    private IReadOnlyList<string> Required { get; init; } = [];

    private IReadOnlyList<KeyValuePair<string, DataSchema>> Properties { get; init; } = [];

    private DataSchema? Items { get; init; }

    private JsonArray? Allowed { get; init; }

    private double? Minimum { get; init; }

    private double? Maximum { get; init; }

    private double? MinLength { get; init; }

    private double? MaxLength { get; init; }

    public static DataSchema? Read(YamlNode node, DiagnosticBag bag)
    {
        // A text is a type: { total: number }
        var map = node as YamlMap ?? new YamlMap(node.Mark, [new YamlEntry(new YamlText(node.Mark, "type", plain: true), node)], flow: true);
        foreach (var entry in map.Entries)
            if (!Keywords.Contains(entry.Key.Value, StringComparer.Ordinal))
                bag.Warn("unknown-schema-keyword", entry.Key.Mark, $"A schema has no keyword '{Suggest.Shorten(entry.Key.Value)}'; it isn't checked.", Suggest.DidYouMean(entry.Key.Value, Keywords));
        var type = (map["type"] as YamlText)?.Value;
        if (map["type"] is { } given && (type is null || !Types.Contains(type, StringComparer.Ordinal)))
        {
            bag.Warn("bad-value", given.Mark, $"A type is one of {string.Join(", ", Types)}; the type isn't checked.", type is null ? null : Suggest.DidYouMean(type, Types));
            type = null;
        }

        var properties = new List<KeyValuePair<string, DataSchema>>();
        foreach (var entry in (map["properties"] as YamlMap)?.Entries ?? [])
            if (Read(entry.Value, bag) is { } property)
                properties.Add(new KeyValuePair<string, DataSchema>(entry.Key.Value, property));
        return new DataSchema
        {
            Type = type,
            Required = [.. ((map["required"] as YamlList)?.Items ?? []).OfType<YamlText>().Select(item => item.Value)],
            Properties = properties,
            Items = map["items"] is { } items ? Read(items, bag) : null,
            Allowed = map["enum"]?.ToJson() as JsonArray,
            Minimum = Number(map, "minimum", bag),
            Maximum = Number(map, "maximum", bag),
            MinLength = Number(map, "min_length", bag),
            MaxLength = Number(map, "max_length", bag),
        };
    }

    public void Check(JsonNode? value, string path, List<string> problems)
    {
        if (Type is not null && !HasType(value, Type))
        {
            problems.Add($"{path} must be {(Type is "object" or "array" or "integer" ? "an" : "a")} {Type}");
            return;
        }

        if (Allowed is not null && !Allowed.Any(allowed => JsonNode.DeepEquals(allowed, value))) problems.Add($"{path} must be one of {Allowed.ToJsonString()}");
        if (JsonValues.TryDouble(value) is { } number)
        {
            if (number < Minimum) problems.Add($"{path} must be at least {Minimum}");
            if (number > Maximum) problems.Add($"{path} must be at most {Maximum}");
        }

        var length = value is JsonArray list ? list.Count : JsonValues.TryString(value)?.Length;
        if (length < MinLength) problems.Add($"{path} must have a length of at least {MinLength}");
        if (length > MaxLength) problems.Add($"{path} must have a length of at most {MaxLength}");
        foreach (var name in Required)
            if (value is not JsonObject json || json[name] is null)
                problems.Add($"{path}.{name} is missing");
        foreach (var (name, property) in Properties)
            if (value is JsonObject json && json[name] is { } child)
                property.Check(child, $"{path}.{name}", problems);
        if (Items is not null && value is JsonArray items)
            for (var i = 0; i < items.Count; i++)
                Items.Check(items[i], $"{path}[{i}]", problems);
    }

    private static double? Number(YamlMap map, string keyword, DiagnosticBag bag)
    {
        if (map[keyword] is not { } node) return null;
        var number = JsonValues.TryDouble(node.ToJson());
        if (number is null) bag.Warn("bad-number", node.Mark, $"'{keyword}' must be a number; it isn't checked.");
        return number;
    }

    private static bool HasType(JsonNode? value, string type) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "null" => value is null,
        _ => value is JsonValue scalar && (type, scalar.GetValueKind()) switch
        {
            ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
            ("integer", JsonValueKind.Number) => Math.Floor(JsonValues.ToDouble(scalar)).Equals(JsonValues.ToDouble(scalar)),
            _ => false,
        },
    };
}
