using Dox.TemplateMatching.Extraction;

namespace Dox.TemplateMatching.Templates;

/// <summary>Reads the <c>options</c> of a definition: how its text is prepared, and how values are written in it.</summary>
internal static class OptionsParser
{
    private const int MaxReplacements = 100;
    private const int MaxFormats = 20;

    public static (TextRules Text, ValueConventions? Conventions) Read(YamlReader reader, YamlValue? value)
    {
        if (value is null) return (TextRules.None, null);
        var map = reader.Map(
            value, "options", "decimal_separator", "date_formats", "languages", "remove_whitespace", "remove_accents", "lowercase", "replace");
        var text = new TextRules(
            reader.Flag(map.GetValueOrDefault("remove_whitespace"), "options.remove_whitespace") ?? false,
            reader.Flag(map.GetValueOrDefault("remove_accents"), "options.remove_accents") ?? false,
            reader.Flag(map.GetValueOrDefault("lowercase"), "options.lowercase") ?? false,
            [.. reader.List(map.GetValueOrDefault("replace"), "options.replace").Take(MaxReplacements).Select(v => ReplacementOf(reader, v)).OfType<Replacement>()]);
        return (text, Conventions(reader, map));
    }

    private static Replacement? ReplacementOf(YamlReader reader, YamlValue value)
    {
        if (value is YamlList { Items: [var expression, YamlText { Text: var with }] })
            return Expression.Read(reader, expression, "options.replace") is { } compiled ? new(compiled, with) : null;
        reader.Report(value, "bad_replace", "options.replace is a list of pairs: [expression, what takes the place of what it finds].");
        return null;
    }

    private static ValueConventions? Conventions(YamlReader reader, IReadOnlyDictionary<string, YamlValue> map)
    {
        if (!map.ContainsKey("decimal_separator") && !map.ContainsKey("date_formats") && !map.ContainsKey("languages")) return null;
        var separator = map.GetValueOrDefault("decimal_separator") is { } given ? (given as YamlText)?.Text : ".";
        if (separator is not ("." or ","))
        {
            reader.Report(map["decimal_separator"], "bad_separator", "options.decimal_separator must be '.' or ','.");
            separator = ".";
        }

        var formats = Texts(reader, map.GetValueOrDefault("date_formats"), "options.date_formats");
        var languages = Texts(reader, map.GetValueOrDefault("languages"), "options.languages");
        return new ValueConventions(separator[0], separator == "," ? ". '’\u00A0\u202F" : ", '’\u00A0\u202F", MonthFirst(formats, languages)) { DateFormats = formats, Languages = languages };
    }

    private static bool? MonthFirst(List<string> formats, List<string> languages)
    {
        foreach (var format in formats)
        {
            var (day, month) = (format.IndexOf("%d", StringComparison.Ordinal), format.IndexOf("%m", StringComparison.Ordinal));
            if (day >= 0 && month >= 0) return month < day;
        }

        return languages.Count == 0 ? null : languages[0] == "en" ? null : false;
    }

    private static List<string> Texts(YamlReader reader, YamlValue? value, string what) =>
        [.. YamlReader.OneOrMore(value).Take(MaxFormats).Select(v => reader.Text(v, what, 60)).OfType<string>()];
}
