using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dox.Workflows.Expressions;

/// <summary>What JSON values mean in a rule: truth and text are JavaScript's.</summary>
internal static class JsonValues
{
    public static double ToDouble(JsonValue value)
    {
        if (value.TryGetValue<double>(out var real)) return real;
        if (value.TryGetValue<long>(out var whole)) return whole;
        if (value.TryGetValue<int>(out var small)) return small;
        if (value.TryGetValue<decimal>(out var exact)) return (double)exact;
        return double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    public static double? TryDouble(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? ToDouble(value) : null;

    public static string? TryString(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static bool? TryBoolean(JsonNode? node) => node is JsonValue value ? value.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    } : null;

    public static bool IsTrue(JsonNode? node) => node switch
    {
        null => false,
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
            JsonValueKind.String => value.GetValue<string>().Length > 0,
            JsonValueKind.Number => ToDouble(value) is not (0 or double.NaN),
            _ => true,
        },
        _ => true,
    };

    /// <summary>How a value reads inside a longer text.</summary>
    public static string ToText(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => node.ToJsonString(),
    };
}
