using System.Globalization;

namespace Dox.TemplateMatching.Templates.Import;

/// <summary>The fields, lines and tables of a foreign template as fields of ours.</summary>
internal sealed class ForeignFields(YamlReader warnings)
{
    // Areas are in dots of a resolution; what page they are of isn't said, and most are A4.
    private const double PageWidth = 595.28;
    private const double PageHeight = 841.89;

    private static readonly string[] Settings =
    [
        "parser", "regex", "value", "type", "types", "group", "area", "start", "end", "first_line", "line", "last_line", "skip_line", "line_separator", "rules",
    ];

    private static readonly string[] Groups = ["first", "last", "sum", "min", "max", "join"];

    private readonly Dictionary<string, Dictionary<string, object>> _fields = new(StringComparer.Ordinal);

    public Dictionary<string, Dictionary<string, object>> Read(IReadOnlyDictionary<string, YamlValue> template)
    {
        foreach (var (key, value) in (template.GetValueOrDefault("fields") as YamlMap)?.Entries ?? [])
        {
            if (value is YamlMap settings) Take(key, settings);
            else TakeShort(key, value);
        }

        if (template.TryGetValue("lines", out var lines)) AddRows(lines, "lines", lines);
        foreach (var table in YamlReader.OneOrMore(template.GetValueOrDefault("tables")).OfType<YamlMap>()) TakeTable(table);
        return _fields;
    }

    /// <summary>A field whose value the template says.</summary>
    public static Dictionary<string, object> Fixed(string value) => new(StringComparer.Ordinal) { ["value"] = value };

    /// <summary>A field's name as one of ours.</summary>
    public static string Name(string foreign)
    {
        var name = string.Concat(foreign.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_'));
        if (name.Length == 0 || !char.IsAsciiLetterLower(name[0])) name = "f_" + name;
        return name.Length > 60 ? name[..60] : name;
    }

    // name: expression, where the name says the type
    private void TakeShort(YamlText key, YamlValue value)
    {
        var texts = YamlReader.OneOrMore(value).OfType<YamlText>().Where(t => t.Text.Length > 0).ToList();
        if (texts.Count == 0)
        {
            warnings.Report(key, "left_out", $"'{key.Text}' says nothing and was left out.");
            return;
        }

        if (key.Text.StartsWith("static_", StringComparison.Ordinal))
        {
            Add(key, key.Text["static_".Length..], Fixed(texts[0].Text));
            return;
        }

        var isSum = key.Text.StartsWith("sum_amount", StringComparison.Ordinal);
        var name = isSum ? key.Text["sum_".Length..] : key.Text;
        var field = Expressions(texts);
        if (isSum) field["group"] = "sum";
        if (TypeByName(name) is { } type) field["type"] = type;
        Add(key, name, field);
    }

    private void Take(YamlText key, YamlMap settings)
    {
        var map = settings.Entries.ToDictionary(e => e.Key.Text, e => e.Value, StringComparer.Ordinal);
        var parser = (map.GetValueOrDefault("parser") as YamlText)?.Text ?? (map.ContainsKey("value") ? "static" : map.ContainsKey("line") ? "lines" : "regex");
        foreach (var (unknown, _) in settings.Entries.Where(e => !Settings.Contains(e.Key.Text, StringComparer.Ordinal)))
            warnings.Report(unknown, "left_out", $"'{unknown.Text}' of '{key.Text}' isn't known and was left out.");
        switch (parser)
        {
            case "static":
                var value = (map.GetValueOrDefault("value") as YamlText)?.Text;
                if (string.IsNullOrWhiteSpace(value)) warnings.Report(key, "left_out", $"'{key.Text}' has no value and was left out.");
                else Add(key, key.Text, Fixed(value));
                break;
            case "lines":
                AddRows(key, key.Text, settings);
                break;
            case "regex":
                TakeExpressions(key, map);
                break;
            default:
                warnings.Report(key, "left_out", $"'{key.Text}' has the parser '{parser}', which isn't known, and was left out.");
                break;
        }
    }

    private void TakeExpressions(YamlText key, Dictionary<string, YamlValue> map)
    {
        var texts = YamlReader.OneOrMore(map.GetValueOrDefault("regex")).OfType<YamlText>().Where(t => t.Text.Length > 0).ToList();
        if (texts.Count == 0)
        {
            warnings.Report(key, "left_out", $"'{key.Text}' has no expression and was left out.");
            return;
        }

        var field = Expressions(texts);
        if ((map.GetValueOrDefault("group") as YamlText)?.Text is { } group)
        {
            if (Groups.Contains(group, StringComparer.Ordinal)) field["group"] = group;
            else warnings.Report(key, "left_out", $"The group '{group}' of '{key.Text}' isn't known and was left out.");
        }

        if ((map.GetValueOrDefault("type") as YamlText)?.Text is { } type) field["type"] = TypeOf(type, key.Text);
        if (map.GetValueOrDefault("area") is YamlMap area) TakeArea(key, area, field);
        Add(key, key.Text, field);
    }

    private void TakeArea(YamlText key, YamlMap area, Dictionary<string, object> field)
    {
        var numbers = area.Entries.Where(e => e.Value is YamlText).ToDictionary(
            e => e.Key.Text, e => double.TryParse(((YamlText)e.Value).Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : 0, StringComparer.Ordinal);
        var points = 72 / Math.Max(numbers.GetValueOrDefault("r", 100), 1);
        var (x, y) = (Fraction("x", PageWidth), Fraction("y", PageHeight));
        var (w, h) = (Math.Min(Fraction("W", PageWidth), 1 - x), Math.Min(Fraction("H", PageHeight), 1 - y));
        field["region"] = new List<object> { Text(x), Text(y), Text(w > 0 ? w : 1 - x), Text(h > 0 ? h : 1 - y) };
        var first = numbers.GetValueOrDefault("f", 1);
        if (first >= 1 && first == numbers.GetValueOrDefault("l", first)) field["page"] = ((int)first).ToString(CultureInfo.InvariantCulture);
        warnings.Report(key, "area", $"The area of '{key.Text}' was taken as a part of an A4 page: check 'region' where pages have another size.");

        double Fraction(string side, double page) => Math.Clamp(numbers.GetValueOrDefault(side) * points / page, 0, 1);

        static string Text(double number) => number.ToString("0.####", CultureInfo.InvariantCulture);
    }

    private void TakeTable(YamlMap table)
    {
        var map = table.Entries.ToDictionary(e => e.Key.Text, e => e.Value, StringComparer.Ordinal);
        if (map.GetValueOrDefault("start") is not YamlText start || map.GetValueOrDefault("end") is not YamlText end || map.GetValueOrDefault("body") is not YamlText body)
        {
            warnings.Report(table, "left_out", "A table without 'start', 'end' and 'body' was left out.");
            return;
        }

        var types = Types(map.GetValueOrDefault("types"));
        foreach (var group in ForeignExpression.Of(body.Text).Groups.OfType<string>())
        {
            // What is a field already stays as it is.
            if (_fields.ContainsKey(Name(group))) continue;
            var field = Expressions([body]);
            field["after"] = ForeignExpression.Of(start.Text).Pattern;
            field["before"] = ForeignExpression.Of(end.Text).Pattern;
            field["each_line"] = true;
            field["group"] = "first";
            if ((types.GetValueOrDefault(group) ?? TypeByName(group)) is { } type) field["type"] = type;
            Add(table, group, field);
        }
    }

    private void AddRows(YamlValue at, string name, YamlValue value)
    {
        var rules = YamlReader.OneOrMore(value).OfType<YamlMap>()
            .SelectMany(m => m.Entries.FirstOrDefault(e => e.Key.Text == "rules").Value is YamlList rules ? rules.Items.OfType<YamlMap>() : [m])
            .Select(m => (At: m, Rule: RowsRule(m))).ToList();
        foreach (var (incomplete, _) in rules.Where(r => !IsWhole(r.Rule)))
            warnings.Report(incomplete, "left_out", $"Lines of '{name}' without usable 'start', 'end' and 'line' were left out.");
        var whole = rules.Where(r => IsWhole(r.Rule)).Select(r => r.Rule).ToList<object>();
        if (whole.Count > 0) Add(at, name, new(StringComparer.Ordinal) { ["rows"] = whole });
    }

    private static bool IsWhole(Dictionary<string, object> rule) =>
        rule.ContainsKey("start") && rule.ContainsKey("end") && (rule.ContainsKey("line") || rule.ContainsKey("first_line"));

    private Dictionary<string, object> RowsRule(YamlMap settings)
    {
        var rule = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (key, value) in settings.Entries)
        {
            switch (key.Text)
            {
                case "start" or "end" when value is YamlText text && ForeignExpression.Of(text.Text).IsUsable(warnings, text):
                    rule[key.Text] = ForeignExpression.Of(text.Text).Pattern;
                    break;
                case "line_separator" when value is YamlText text:
                    rule["separator"] = ForeignExpression.Of(text.Text).Pattern;
                    break;
                case "first_line" or "line" or "last_line" or "skip_line":
                    rule[key.Text] = Patterns(YamlReader.OneOrMore(value).OfType<YamlText>());
                    break;
                case "types":
                    if (Types(value) is { Count: > 0 } types) rule["types"] = types;
                    break;
                case "parser" or "rules":
                    break;
                default:
                    warnings.Report(key, "left_out", $"'{key.Text}' of lines isn't known and was left out.");
                    break;
            }
        }

        return rule;
    }

    private static Dictionary<string, string> Types(YamlValue? value) => ((value as YamlMap)?.Entries ?? [])
        .Where(e => e.Value is YamlText)
        .ToDictionary(e => e.Key.Text, e => TypeOf(((YamlText)e.Value).Text, e.Key.Text), StringComparer.Ordinal);

    private Dictionary<string, object> Expressions(IEnumerable<YamlText> texts) =>
        new(StringComparer.Ordinal) { ["where"] = "layout", ["regex"] = Patterns(texts) };

    private List<object> Patterns(IEnumerable<YamlText> texts)
    {
        var expressions = texts.Select(t => (At: t, Expression: ForeignExpression.Of(t.Text)));
        return [.. expressions.Where(e => e.Expression.IsUsable(warnings, e.At)).Select(e => e.Expression.Pattern)];
    }

    private static string? TypeByName(string name) =>
        name.StartsWith("date", StringComparison.Ordinal) || name.EndsWith("date", StringComparison.Ordinal) ? "date"
        : name.StartsWith("amount", StringComparison.Ordinal) ? "money"
        : null;

    private static string TypeOf(string type, string name) => type switch
    {
        "date" => "date",
        "float" when name.StartsWith("amount", StringComparison.Ordinal) || name.StartsWith("price", StringComparison.Ordinal) => "money",
        "float" or "int" => "number",
        _ => "text",
    };

    private void Add(YamlValue at, string foreign, Dictionary<string, object> field)
    {
        if (field.TryGetValue("regex", out var expressions) && expressions is List<object> { Count: 0 }) return; // said already
        var name = Name(foreign);
        if (name != foreign) warnings.Report(at, "renamed", $"'{foreign}' is called '{name}' here.");
        if (!_fields.TryAdd(name, field)) warnings.Report(at, "left_out", $"'{name}' is there twice; the second was left out.");
    }
}
