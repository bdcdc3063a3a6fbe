using System.Globalization;
using System.Text.RegularExpressions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Reads one map of a rule key by key, and says which keys nobody asked for.</summary>
internal sealed partial class YamlFields(YamlMap map, string what, DiagnosticBag bag)
{
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    [GeneratedRegex(@"^\s*(?<amount>\d{1,9}(\.\d{1,3})?)\s*(?<unit>ms|s|sec|seconds|m|min|h)\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Duration();

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
                Ignore(key, "a text", other);
                return null;
        }
    }

    /// <summary>A text that must be there; where it isn't, the warning says what is taken, and the caller takes it.</summary>
    public string RequiredText(string key, string taken)
    {
        var text = Text(key);
        if (string.IsNullOrEmpty(text)) bag.Warn("missing-key", map[key]?.Mark ?? map.Mark, $"{what} needs '{key}'; {taken}.");
        return text ?? "";
    }

    public double? Number(string key, double least, double most)
    {
        if (Node(key) is not { } node) return null;
        if (JsonValues.TryDouble(node.ToJson()) is { } number && number >= least && number <= most) return number;
        bag.Warn("bad-number", node.Mark, string.Create(CultureInfo.InvariantCulture, $"'{key}' must be a number from {least:#,0.###} to {most:#,0.###}; the default is taken."));
        return null;
    }

    /// <summary>Seconds, as a number or with a unit: <c>30</c>, <c>30s</c>, <c>500ms</c>, <c>5m</c>, <c>2h</c>.</summary>
    public double? Seconds(string key, double least, double most)
    {
        if (Node(key) is not { } node) return null;
        if (SecondsOf(node) is { } seconds && seconds >= least && seconds <= most) return seconds;
        bag.Warn("bad-duration", node.Mark, string.Create(CultureInfo.InvariantCulture, $"'{key}' must be seconds from {least:#,0.###} to {most:#,0.###}; the default is taken."), "write 30, 30s, 5m or 2h");
        return null;
    }

    private static double? SecondsOf(YamlNode node)
    {
        if (JsonValues.TryDouble(node.ToJson()) is { } number) return number;
        if (node is not YamlText text || Duration().Match(text.Value) is not { Success: true } match) return null;
        var amount = double.Parse(match.Groups["amount"].Value, CultureInfo.InvariantCulture);
        return match.Groups["unit"].Value switch { "ms" => amount / 1000, "m" or "min" => amount * 60, "h" => amount * 3600, _ => amount };
    }

    public bool? Boolean(string key)
    {
        if (Node(key) is not { } node) return null;
        if (JsonValues.TryBoolean(node.ToJson()) is { } value) return value;
        bag.Warn("bad-value", node.Mark, $"'{key}' must be true or false; the default is taken.");
        return null;
    }

    public YamlMap? Map(string key)
    {
        switch (Node(key))
        {
            case null: return null;
            case YamlMap found: return found;
            case var other:
                Ignore(key, "a map", other);
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
                Ignore(key, "a list", other);
                return [];
        }
    }

    public T Choice<T>(string key, IReadOnlyDictionary<string, T> choices, T fallback)
    {
        if (Text(key) is not { } text) return fallback;
        if (choices.TryGetValue(text, out var value)) return value;
        var taken = choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, fallback)).Key;
        bag.Warn("bad-value", map[key]!.Mark, $"'{key}' is one of {string.Join(", ", choices.Keys)}, not '{Suggest.Shorten(text)}'; {taken} is taken.", Suggest.DidYouMean(text, choices.Keys));
        return fallback;
    }

    public YamlMark MarkOf(string key) => map[key]?.Mark ?? map.Mark;

    private void Ignore(string key, string wanted, YamlNode found) =>
        bag.Warn("bad-value", found.Mark, $"'{key}' must be {wanted}, not {found.Kind}; it is left out.");

    public void WarnAboutTheRest()
    {
        foreach (var entry in map.Entries)
            if (!_asked.Contains(entry.Key.Value))
                bag.Warn("unknown-key", entry.Key.Mark, $"{what} has no key '{Suggest.Shorten(entry.Key.Value)}'; it is documentation.", Suggest.DidYouMean(entry.Key.Value, _asked));
    }
}
