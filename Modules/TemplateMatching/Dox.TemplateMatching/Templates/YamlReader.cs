using System.Globalization;

namespace Dox.TemplateMatching.Templates;

/// <summary>Takes typed values out of a tree, collecting what is wrong instead of stopping at the first.</summary>
internal sealed class YamlReader(string source)
{
    private readonly List<TemplateProblem> _problems = [];

    public IReadOnlyList<TemplateProblem> Problems => _problems;

    public void Report(YamlValue at, string code, string message) => _problems.Add(new(source, at.Line, at.Column, code, message));

    /// <summary>The entries by key; keys that nobody knows are reported.</summary>
    public IReadOnlyDictionary<string, YamlValue> Map(YamlValue value, string what, params ReadOnlySpan<string> known)
    {
        var result = new Dictionary<string, YamlValue>(StringComparer.Ordinal);
        if (value is not YamlMap map)
        {
            Report(value, "not_a_map", $"{what} must be a map (key: value).");
            return result;
        }

        foreach (var (key, entry) in map.Entries)
        {
            if (known.Contains(key.Text)) result[key.Text] = entry;
            else Report(key, "unknown_key", $"{what} knows no '{key.Text}'. It knows {string.Join(", ", known.ToArray())}.");
        }

        return result;
    }

    public IEnumerable<YamlValue> List(YamlValue? value, string what)
    {
        switch (value)
        {
            case null:
                return [];
            case YamlList list:
                return list.Items;
            default:
                Report(value, "not_a_list", $"{what} must be a list.");
                return [];
        }
    }

    /// <summary>One value or a list of them.</summary>
    public static IEnumerable<YamlValue> OneOrMore(YamlValue? value) => value switch { null => [], YamlList list => list.Items, _ => [value] };

    public string? Text(YamlValue? value, string what, int maxLength = 200)
    {
        if (value is null) return null;
        if (value is not YamlText { Text: var text } || string.IsNullOrWhiteSpace(text))
        {
            Report(value, "not_text", $"{what} must be text.");
            return null;
        }

        if (text.Length <= maxLength) return text.Trim();
        Report(value, "too_long", $"{what} has {text.Length} characters; {maxLength} are allowed.");
        return null;
    }

    public double? Number(YamlValue? value, string what, double min, double max)
    {
        if (value is null) return null;
        if (value is YamlText { Text: var text } && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max)
            return number;
        Report(value, "not_a_number", string.Create(CultureInfo.InvariantCulture, $"{what} must be a number from {min} to {max}."));
        return null;
    }

    public int? Whole(YamlValue? value, string what, int min, int max)
    {
        if (value is null) return null;
        if (value is YamlText { Text: var text } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max)
            return number;
        Report(value, "not_a_number", $"{what} must be a whole number from {min} to {max}.");
        return null;
    }

    public bool? Flag(YamlValue? value, string what)
    {
        switch (value)
        {
            case null:
                return null;
            case YamlText { Text: "true", Quoted: false }:
                return true;
            case YamlText { Text: "false", Quoted: false }:
                return false;
            default:
                Report(value, "not_a_flag", $"{what} must be true or false.");
                return null;
        }
    }

    public TEnum? Choice<TEnum>(YamlValue? value, string what, IReadOnlyDictionary<string, TEnum> choices)
        where TEnum : struct, Enum
    {
        if (value is null) return null;
        if (value is YamlText { Text: var text } && choices.TryGetValue(text, out var choice)) return choice;
        Report(value, "unknown_choice", $"{what} must be one of {string.Join(", ", choices.Keys)}.");
        return null;
    }
}
