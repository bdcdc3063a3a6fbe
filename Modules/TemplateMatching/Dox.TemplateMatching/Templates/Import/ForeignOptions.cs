namespace Dox.TemplateMatching.Templates.Import;

/// <summary>The options of a foreign template as options of ours.</summary>
internal sealed class ForeignOptions
{
    private readonly YamlReader _warnings;

    public ForeignOptions(YamlReader warnings, YamlValue? value)
    {
        _warnings = warnings;
        foreach (var (key, option) in (value as YamlMap)?.Entries ?? []) Take(key, option);
        // Not said, it is a point; ours would tell it from the number.
        Ours.TryAdd("decimal_separator", ".");
    }

    public Dictionary<string, object> Ours { get; } = new(StringComparer.Ordinal);

    public string? Currency { get; private set; }

    public string? Priority { get; private set; }

    private void Take(YamlText key, YamlValue option)
    {
        switch (key.Text)
        {
            case "currency":
                Currency = (option as YamlText)?.Text;
                break;
            case "priority":
                Priority = (option as YamlText)?.Text;
                break;
            case "decimal_separator" when option is YamlText { Text: "." or "," } separator:
                Ours[key.Text] = separator.Text;
                break;
            case "date_formats" or "languages":
                if (Texts(option) is { Count: > 0 } texts) Ours[key.Text] = texts;
                break;
            case "remove_whitespace" or "remove_accents" or "lowercase":
                if (IsTrue(option)) Ours[key.Text] = true;
                break;
            case "replace":
                Ours["replace"] = YamlReader.OneOrMore(option).OfType<YamlList>().Select(Replacement).OfType<List<object>>().ToList();
                break;
            default:
                _warnings.Report(key, "left_out", $"The option '{key.Text}' has no meaning here and was left out.");
                break;
        }
    }

    private List<object>? Replacement(YamlList pair)
    {
        if (pair.Items is not [YamlText { Text.Length: > 0 } from, YamlText with])
        {
            _warnings.Report(pair, "left_out", "A replacement that is no pair of texts was left out.");
            return null;
        }

        var expression = ForeignExpression.Of(from.Text);
        if (!expression.IsUsable(_warnings, from)) return null;
        return [expression.Pattern, expression.Replacement(with.Text)];
    }

    private static List<object> Texts(YamlValue option) => [.. YamlReader.OneOrMore(option).OfType<YamlText>().Select(t => t.Text).Where(t => t.Length > 0)];

    private static bool IsTrue(YamlValue option) => YamlReader.OneOrMore(option).FirstOrDefault() is YamlText { Text: "true" or "True" or "yes" or "1" };
}
