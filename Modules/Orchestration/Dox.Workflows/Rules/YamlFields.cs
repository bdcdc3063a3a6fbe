using System.Globalization;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Reads one map of a rule key by key, and says which keys nobody asked for.</summary>
internal sealed class YamlFields(YamlMap map, string what, DiagnosticBag bag)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    public YamlMark Mark => map.Mark;

    public YamlNode? Node(string key)
    {
        _asked.Add(key);
        var node = map[key];
        return node is YamlText { IsNull: true } ? null : node;
    }

    public string? Text(string key)
    {
        switch (Node(key))
        {
            case null: return null;
            case YamlText text: return text.Value.Trim();
            case var other:
                bag.Error("bad-value", other.Mark, $"'{key}' must be a text, not {other.Kind}.");
                return null;
        }
    }

    public string RequiredText(string key)
    {
        var text = Text(key);
        if (string.IsNullOrEmpty(text)) bag.Error("missing-key", map[key]?.Mark ?? map.Mark, $"{what} needs '{key}'.");
        return text ?? "";
    }

    public double? Number(string key, double least, double most)
    {
        if (Node(key) is not { } node) return null;
        if (JsonValues.TryDouble(node.ToJson()) is { } number && number >= least && number <= most) return number;
        bag.Error("bad-value", node.Mark, string.Create(CultureInfo.InvariantCulture, $"'{key}' must be a number from {least} to {most}."));
        return null;
    }

    public bool? Boolean(string key)
    {
        if (Node(key) is not { } node) return null;
        if (JsonValues.TryBoolean(node.ToJson()) is { } value) return value;
        bag.Error("bad-value", node.Mark, $"'{key}' must be true or false.");
        return null;
    }

    public YamlMap? Map(string key)
    {
        switch (Node(key))
        {
            case null: return null;
            case YamlMap found: return found;
            case var other:
                bag.Error("bad-value", other.Mark, $"'{key}' must be a map, not {other.Kind}.");
                return null;
        }
    }

    public IReadOnlyList<YamlNode> List(string key)
    {
        switch (Node(key))
        {
            case null: return [];
            case YamlList list: return list.Items;
            case var other:
                bag.Error("bad-value", other.Mark, $"'{key}' must be a list, not {other.Kind}.");
                return [];
        }
    }

    public T Choice<T>(string key, IReadOnlyDictionary<string, T> choices, T fallback)
    {
        if (Text(key) is not { } text) return fallback;
        if (choices.TryGetValue(text, out var value)) return value;
        bag.Error("bad-value", map[key]!.Mark, $"'{key}' is one of {string.Join(", ", choices.Keys)}.", Suggest.DidYouMean(text, choices.Keys));
        return fallback;
    }

    public YamlMark MarkOf(string key) => map[key]?.Mark ?? map.Mark;

    public void WarnAboutTheRest()
    {
        foreach (var entry in map.Entries)
            if (!_asked.Contains(entry.Key.Value))
                bag.Warn("unknown-key", entry.Key.Mark, $"{what} has no key '{entry.Key.Value}'; it is documentation.", Suggest.DidYouMean(entry.Key.Value, _asked));
    }
}
