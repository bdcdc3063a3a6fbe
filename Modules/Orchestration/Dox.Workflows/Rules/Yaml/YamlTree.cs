using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Dox.Workflows.Rules.Yaml;

/// <summary>Where something stands in a file; both 1-based.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct YamlMark(int Line, int Column)
{
    public static YamlMark Start => new(1, 1);
}

internal abstract class YamlNode(YamlMark mark)
{
    public YamlMark Mark { get; } = mark;

    /// <summary>What the node is called in a message.</summary>
    public abstract string Kind { get; }

    public abstract JsonNode? ToJson();
}

internal sealed class YamlText(YamlMark mark, string value, bool plain) : YamlNode(mark)
{
    public string Value { get; } = value;

    /// <summary>Unquoted: may be a number, a boolean or null.</summary>
    public bool Plain { get; } = plain;

    public override string Kind => "a text";

    public bool IsNull => Plain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override JsonNode? ToJson()
    {
        if (!Plain) return JsonValue.Create(Value);
        if (IsNull) return null;
        switch (Value)
        {
            case "true" or "True" or "TRUE": return JsonValue.Create(true);
            case "false" or "False" or "FALSE": return JsonValue.Create(false);
        }

        if (LooksNumeric(Value))
        {
            if (long.TryParse(Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return JsonValue.Create(whole);
            if (double.TryParse(Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)) return JsonValue.Create(real);
        }

        return JsonValue.Create(Value);
    }

    // "1." and "+1" stay text: a "+1" in a memory update is an increment, not the number one
    private static bool LooksNumeric(string value) =>
        (char.IsAsciiDigit(value[0]) || (value[0] == '-' && value.Length > 1 && char.IsAsciiDigit(value[1]))) && char.IsAsciiDigit(value[^1]);
}

internal sealed class YamlList(YamlMark mark, IReadOnlyList<YamlNode> items) : YamlNode(mark)
{
    public IReadOnlyList<YamlNode> Items { get; } = items;

    public override string Kind => "a list";

    public override JsonNode ToJson()
    {
        var array = new JsonArray();
        foreach (var item in Items) array.Add(item.ToJson());
        return array;
    }
}

internal sealed class YamlMap(YamlMark mark, IReadOnlyList<YamlEntry> entries, bool flow) : YamlNode(mark)
{
    public IReadOnlyList<YamlEntry> Entries { get; } = entries;

    /// <summary>Written with braces.</summary>
    public bool Flow { get; } = flow;

    public override string Kind => "a map";

    public YamlNode? this[string key]
    {
        get
        {
            foreach (var entry in Entries)
                if (entry.Key.Value == key) return entry.Value;
            return null;
        }
    }

    /// <summary>The notation <c>{a, b}</c>, which YAML reads as a map of nulls: it picks those names.</summary>
    public bool PicksNames =>
        Flow && Entries.Count > 0 && Entries.All(entry => entry.Value is YamlText { Plain: true, Value: "" });

    public override JsonNode ToJson()
    {
        var json = new JsonObject();
        foreach (var entry in Entries) json[entry.Key.Value] = entry.Value.ToJson();
        return json;
    }
}

internal sealed record YamlEntry(YamlText Key, YamlNode Value);
