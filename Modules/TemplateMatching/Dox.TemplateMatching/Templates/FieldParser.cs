using System.Text.RegularExpressions;
using Dox.TemplateMatching.Extraction;

namespace Dox.TemplateMatching.Templates;

/// <summary>Reads the <c>fields</c> of a definition.</summary>
internal static class FieldParser
{
    private const int MaxFields = 200;
    private const int MaxValue = 2_000;
    private static readonly string[] LayoutKeys = ["after", "before", "each_line", "group"];

    public static readonly IReadOnlyDictionary<string, FieldPlace> Places = new Dictionary<string, FieldPlace>(StringComparer.Ordinal)
    {
        ["right"] = FieldPlace.Right,
        ["below"] = FieldPlace.Below,
        ["between"] = FieldPlace.Between,
        ["region"] = FieldPlace.Region,
        ["regex"] = FieldPlace.Regex,
        ["layout"] = FieldPlace.Layout,
        ["static"] = FieldPlace.Static,
        ["rows"] = FieldPlace.Rows,
        ["table"] = FieldPlace.Table,
    };

    public static IReadOnlyList<FieldDefinition> Fields(YamlReader reader, YamlValue? value, string? locale, ValueConventions? options)
    {
        if (value is null) return [];
        if (value is not YamlMap map)
        {
            reader.Report(value, "not_a_map", "fields must be a map from name to field.");
            return [];
        }

        if (map.Entries.Count > MaxFields) reader.Report(value, "too_many_fields", $"{map.Entries.Count} fields; {MaxFields} are allowed.");
        var fields = map.Entries.Take(MaxFields).Select(e => (At: e.Value, Field: Field(reader, e.Key, e.Value, locale, options))).ToList();
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

    private static FieldDefinition Field(YamlReader reader, YamlText key, YamlValue value, string? locale, ValueConventions? options)
    {
        if (!IsName(key.Text)) reader.Report(key, "bad_field_name", $"'{key.Text}' is no field name: lower-case letters, digits and '_', a letter first.");
        var map = reader.Map(
            value, "A field", "near", "where", "until", "region", "page", "regex", "type", "locale", "lines", "required", "check", "value", "after", "before",
            "each_line", "group", "rows", "table");
        var where = reader.Choice(map.GetValueOrDefault("where"), "where", Places) ?? Default(map);
        var inLayout = where == FieldPlace.Layout;
        if (Lacks(where, map) is { } lacks && value is YamlMap) reader.Report(key, "missing_key", $"'{key.Text}' needs '{lacks}' to be found.");
        foreach (var only in inLayout ? [] : LayoutKeys.Where(map.ContainsKey))
            reader.Report(map[only], "layout_only", $"'{only}' is for fields with where: layout.");
        var own = Locale(reader, map.GetValueOrDefault("locale"));
        return new FieldDefinition
        {
            Name = key.Text,
            Where = where,
            Near = TemplateParser.Phrases(reader, map.GetValueOrDefault("near"), "near"),
            Until = TemplateParser.Phrases(reader, map.GetValueOrDefault("until"), "until"),
            Region = Region(reader, map.GetValueOrDefault("region")),
            Page = reader.Whole(map.GetValueOrDefault("page"), "page", 1, 10_000),
            Expression = inLayout ? null : Templates.Expression.Read(reader, map.GetValueOrDefault("regex"), "regex", RegexOptions.Multiline),
            Type = reader.Choice(map.GetValueOrDefault("type"), "type", FieldTypes.ByName) ?? FieldType.Text,
            Locale = own ?? locale,
            Conventions = own is null && options is not null ? options : ValueConventions.Of(own ?? locale),
            Lines = reader.Whole(map.GetValueOrDefault("lines"), "lines", 1, 50) ?? 1,
            Required = reader.Flag(map.GetValueOrDefault("required"), "required") ?? false,
            Check = Check(reader, map.GetValueOrDefault("check")),
            Layout = inLayout ? LayoutParser.Layout(reader, map) : null,
            Value = reader.Text(map.GetValueOrDefault("value"), "value", MaxValue),
            Rows = LayoutParser.Rows(reader, map.GetValueOrDefault("rows")),
            Table = LayoutParser.Table(reader, map.GetValueOrDefault("table")),
        };
    }

    private static string? Lacks(FieldPlace where, IReadOnlyDictionary<string, YamlValue> map)
    {
        string[] needed = where switch
        {
            FieldPlace.Right or FieldPlace.Below => ["near"],
            FieldPlace.Between => ["near", "until"],
            FieldPlace.Region => ["region"],
            FieldPlace.Static => ["value"],
            FieldPlace.Rows => ["rows"],
            FieldPlace.Table => ["table"],
            _ => ["regex"],
        };
        return Array.Find(needed, key => !map.ContainsKey(key));
    }

    private static FieldPlace Default(IReadOnlyDictionary<string, YamlValue> map) =>
        map.ContainsKey("near") ? map.ContainsKey("until") ? FieldPlace.Between : FieldPlace.Right
        : map.ContainsKey("region") ? FieldPlace.Region
        : map.ContainsKey("value") ? FieldPlace.Static
        : map.ContainsKey("rows") ? FieldPlace.Rows
        : map.ContainsKey("table") ? FieldPlace.Table
        : FieldPlace.Regex;

    public static bool IsName(string name) =>
        name.Length is > 0 and <= 60 && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static RegionBox? Region(YamlReader reader, YamlValue? value)
    {
        if (value is null) return null;
        var numbers = reader.List(value, "region").Take(5).Select(v => reader.Number(v, "region", 0, 1)).ToList();
        if (numbers is [{ } x, { } y, { } w, { } h]) return new(x, y, w, h);
        reader.Report(value, "bad_region", "region is [left, top, width, height], each a fraction of the page from 0 to 1.");
        return null;
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
