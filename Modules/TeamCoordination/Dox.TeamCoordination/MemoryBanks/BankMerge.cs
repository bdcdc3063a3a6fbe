using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>Applies an update that a rule declared. Keys that it doesn't name stay as they are.</summary>
internal static partial class BankMerge
{
    /// <summary>How many entries a list keeps that updates append to.</summary>
    public const int KeepEntries = 1000;

    /// <param name="root">The bank.</param>
    /// <param name="update">
    /// <c>"+N"</c> adds, a map is merged, anything else replaces. At the top, what is under <c>entry</c> is appended to the bank's list,
    /// and <c>increment</c> names what to add one to.
    /// </param>
    /// <param name="list">The key of the bank's list.</param>
    public static void Apply(JsonObject root, JsonObject update, string list)
    {
        foreach (var (key, value) in update)
        {
            if (key == "entry") Append(root, list, value);
            else if (key == "increment" && NamesOf(value) is { } names) names.ForEach(name => Add(root, name, 1));
            else Set(root, key, value);
        }
    }

    /// <summary>Appends the value, or each of a list; the oldest go where there are too many.</summary>
    public static void Append(JsonObject root, string list, JsonNode? value, int keep = KeepEntries)
    {
        var entries = ListOf(root, list);
        if (value is JsonArray many)
        {
            foreach (var one in many) entries.Add(one?.DeepClone());
        }
        else
        {
            entries.Add(value?.DeepClone());
        }

        if (entries.Count > keep) entries.RemoveRange(0, entries.Count - keep);
    }

    public static JsonArray ListOf(JsonObject root, string key)
    {
        if (root[key] is not JsonArray list) root[key] = list = [];
        return list;
    }

    public static JsonObject MapOf(JsonObject root, string key)
    {
        if (root[key] is not JsonObject map) root[key] = map = [];
        return map;
    }

    public static void Add(JsonObject map, string key, decimal amount)
    {
        var sum = NumberOf(map[key]) is { } exact ? Sum(exact, amount) : null;
        // Parsed rather than made of a decimal: such a value would answer to decimal alone, and not say its number to who asks for a long.
        if (sum is { } text) map[key] = JsonNode.Parse(text.ToString(CultureInfo.InvariantCulture));
        else if (DoubleOf(map[key]) + (double)amount is var large && double.IsFinite(large)) map[key] = JsonNode.Parse(large.ToString("R", CultureInfo.InvariantCulture));
    }

    private static void Set(JsonObject map, string key, JsonNode? value)
    {
        if (value is JsonObject changes)
        {
            var into = MapOf(map, key);
            foreach (var (name, change) in changes) Set(into, name, change);
        }
        else if (value is JsonValue text && text.TryGetValue<string>(out var increment) && Increment().IsMatch(increment)
            && decimal.TryParse(increment, NumberStyles.Number, CultureInfo.InvariantCulture, out var amount))
        {
            Add(map, key, amount);
        }
        else
        {
            map[key] = value?.DeepClone();
        }
    }

    // Where no number stands, counting starts from nothing. A number beyond decimal's reach is null here, and is added as a double.
    private static decimal? NumberOf(JsonNode? node)
    {
        if (node is not JsonValue value) return 0;
        if (value.TryGetValue<decimal>(out var number)) return number;
        if (value.TryGetValue<double>(out _)) return null;
        return value.TryGetValue<string>(out var text) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) ? number : 0;
    }

    private static double DoubleOf(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : (double)(NumberOf(node) ?? 0);

    private static decimal? Sum(decimal one, decimal other)
    {
        try
        {
            return one + other;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static List<string>? NamesOf(JsonNode? value) => value switch
    {
        JsonValue one when one.TryGetValue<string>(out var name) => [name],
        JsonArray many when many.All(m => m is JsonValue v && v.TryGetValue<string>(out _)) => [.. many.Select(m => m!.GetValue<string>())],
        _ => null,
    };

    [GeneratedRegex(@"\A\+[0-9]{1,28}(?:\.[0-9]{1,28})?\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Increment();
}
