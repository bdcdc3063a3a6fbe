using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dox.Workflows.Expressions;

/// <summary>
/// What JSON values mean in a rule: truth and text are JavaScript's. Functions read their arguments with these, because a number's .NET type
/// depends on where it came from: parsed, computed, or given by the host.
/// </summary>
public static class JsonValues
{
    /// <summary>A number, whatever its .NET type.</summary>
    /// <exception cref="FormatException">It is no number.</exception>
    public static double ToDouble(JsonValue value)
    {
        if (value.TryGetValue<double>(out var real)) return real;
        if (value.TryGetValue<long>(out var whole)) return whole;
        if (value.TryGetValue<int>(out var small)) return small;
        if (value.TryGetValue<decimal>(out var exact)) return (double)exact;
        return double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
    }

    /// <summary>A number, or null when it isn't one.</summary>
    public static double? TryDouble(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? ToDouble(value) : null;

    /// <summary>A text, or null when it isn't one.</summary>
    public static string? TryString(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A boolean, or null when it isn't one.</summary>
    public static bool? TryBoolean(JsonNode? node) => node is JsonValue value ? value.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    } : null;

    /// <summary>What a condition makes of a value.</summary>
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
