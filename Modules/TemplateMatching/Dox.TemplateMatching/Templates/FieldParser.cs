using System.Text.RegularExpressions;
using Dox.TemplateMatching.Extraction;

namespace Dox.TemplateMatching.Templates;

/// <summary>Reads the <c>fields</c> of a definition.</summary>
internal static class FieldParser
{
    private const int MaxFields = 200;
    private const int MaxPattern = 500;

    // Expressions are foreign. NonBacktracking is linear in the text; the time limit bounds what its automaton costs on top.
    public static readonly TimeSpan ExpressionTime = TimeSpan.FromMilliseconds(250);

    public static readonly IReadOnlyDictionary<string, FieldPlace> Places = new Dictionary<string, FieldPlace>(StringComparer.Ordinal)
    {
        ["right"] = FieldPlace.Right,
        ["below"] = FieldPlace.Below,
        ["between"] = FieldPlace.Between,
        ["region"] = FieldPlace.Region,
        ["regex"] = FieldPlace.Regex,
    };

    public static IReadOnlyList<FieldDefinition> Fields(YamlReader reader, YamlValue? value, string? locale)
    {
        if (value is null) return [];
        if (value is not YamlMap map)
        {
            reader.Report(value, "not_a_map", "fields must be a map from name to field.");
            return [];
        }

        if (map.Entries.Count > MaxFields) reader.Report(value, "too_many_fields", $"{map.Entries.Count} fields; {MaxFields} are allowed.");
        var fields = map.Entries.Take(MaxFields).Select(e => (At: e.Value, Field: Field(reader, e.Key, e.Value, locale))).ToList();
        var names = fields.Select(f => f.Field.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (at, field) in fields)
        {
            foreach (var name in field.Check?.Fields.Where(n => !names.Contains(n)) ?? [])
                reader.Report(at, "unknown_field", $"The check of '{field.Name}' names '{name}', which is no field of this template.");
        }

        return [.. fields.Select(f => f.Field)];
    }

    /// <summary>A locale that values are read by.</summary>
    public static string? Locale(YamlReader reader, YamlValue? value)
    {
        var locale = reader.Text(value, "locale", 10);
        if (locale is null || ValueConventions.Knows(locale)) return locale;
        reader.Report(value!, "unknown_locale", $"'{locale}' is no locale that values are read by. There are {ValueConventions.Names}.");
        return null;
    }

    private static FieldDefinition Field(YamlReader reader, YamlText key, YamlValue value, string? locale)
    {
        if (!IsName(key.Text)) reader.Report(key, "bad_field_name", $"'{key.Text}' is no field name: lower-case letters, digits and '_', a letter first.");
        var map = reader.Map(value, "A field", "near", "where", "until", "region", "page", "regex", "type", "locale", "lines", "required", "check");
        var near = TemplateParser.Phrases(reader, map.GetValueOrDefault("near"), "near");
        var until = TemplateParser.Phrases(reader, map.GetValueOrDefault("until"), "until");
        var region = Region(reader, map.GetValueOrDefault("region"));
        var expression = Expression(reader, map.GetValueOrDefault("regex"));
        var where = reader.Choice(map.GetValueOrDefault("where"), "where", Places) ?? Default(near.Count > 0, region, until.Count > 0);
        var lacks = where switch
        {
            FieldPlace.Right or FieldPlace.Below when near.Count == 0 => "near",
            FieldPlace.Between when near.Count == 0 => "near",
            FieldPlace.Between when until.Count == 0 => "until",
            FieldPlace.Region when region is null => "region",
            FieldPlace.Regex when expression is null => "regex",
            _ => null,
        };
        if (lacks is not null && (value is not YamlMap || !map.ContainsKey(lacks)))
            reader.Report(key, "missing_key", $"'{key.Text}' needs '{lacks}' to be found.");
        return new FieldDefinition
        {
            Name = key.Text,
            Where = where,
            Near = near,
            Until = until,
            Region = region,
            Page = reader.Whole(map.GetValueOrDefault("page"), "page", 1, 10_000),
            Expression = expression,
            Type = reader.Choice(map.GetValueOrDefault("type"), "type", FieldTypes.ByName) ?? FieldType.Text,
            Locale = Locale(reader, map.GetValueOrDefault("locale")) ?? locale,
            Lines = reader.Whole(map.GetValueOrDefault("lines"), "lines", 1, 50) ?? 1,
            Required = reader.Flag(map.GetValueOrDefault("required"), "required") ?? false,
            Check = Check(reader, map.GetValueOrDefault("check")),
        };
    }

    private static FieldPlace Default(bool hasLabel, RegionBox? region, bool hasEnd) =>
        hasLabel ? hasEnd ? FieldPlace.Between : FieldPlace.Right : region is not null ? FieldPlace.Region : FieldPlace.Regex;

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 60 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static RegionBox? Region(YamlReader reader, YamlValue? value)
    {
        if (value is null) return null;
        var numbers = reader.List(value, "region").Take(5).Select(v => reader.Number(v, "region", 0, 1)).ToList();
        if (numbers is [{ } x, { } y, { } w, { } h]) return new(x, y, w, h);
        reader.Report(value, "bad_region", "region is [left, top, width, height], each a fraction of the page from 0 to 1.");
        return null;
    }

    private static Regex? Expression(YamlReader reader, YamlValue? value)
    {
        if (reader.Text(value, "regex", MaxPattern) is not { } pattern) return null;
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Multiline, ExpressionTime);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            reader.Report(value!, "bad_regex", $"The expression can't be used: {e.Message}");
            return null;
        }
    }

    private static CheckExpression? Check(YamlReader reader, YamlValue? value)
    {
        if (reader.Text(value, "check") is not { } text) return null;
        try
        {
            return CheckExpression.Parse(text);
        }
        catch (FormatException e)
        {
            reader.Report(value!, "bad_check", e.Message);
            return null;
        }
    }
}
