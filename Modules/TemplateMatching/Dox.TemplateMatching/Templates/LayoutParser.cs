using Dox.TemplateMatching.Extraction;

namespace Dox.TemplateMatching.Templates;

/// <summary>Reads fields that are found in the laid-out text, and tables.</summary>
internal static class LayoutParser
{
    private const int MaxRules = 20;
    private const int MaxColumns = 50;

    public static IReadOnlyDictionary<string, ValueGroup> Groups { get; } = new Dictionary<string, ValueGroup>(StringComparer.Ordinal)
    {
        ["all"] = ValueGroup.All,
        ["first"] = ValueGroup.First,
        ["last"] = ValueGroup.Last,
        ["sum"] = ValueGroup.Sum,
        ["min"] = ValueGroup.Min,
        ["max"] = ValueGroup.Max,
        ["join"] = ValueGroup.Join,
    };

    public static LayoutRule Layout(YamlReader reader, IReadOnlyDictionary<string, YamlValue> map) => new(
        Expression.ReadAll(reader, map.GetValueOrDefault("regex"), "regex"),
        Expression.Read(reader, map.GetValueOrDefault("after"), "after"),
        Expression.Read(reader, map.GetValueOrDefault("before"), "before"),
        reader.Flag(map.GetValueOrDefault("each_line"), "each_line") ?? false,
        reader.Choice(map.GetValueOrDefault("group"), "group", Groups) ?? ValueGroup.All);

    public static IReadOnlyList<RowsRule> Rows(YamlReader reader, YamlValue? value) =>
        [.. YamlReader.OneOrMore(value).Take(MaxRules).Select(v => RowsOf(reader, v)).OfType<RowsRule>()];

    private static RowsRule? RowsOf(YamlReader reader, YamlValue value)
    {
        var map = reader.Map(value, "rows", "start", "end", "first_line", "line", "last_line", "skip_line", "separator", "types");
        var start = Expression.Read(reader, map.GetValueOrDefault("start"), "rows.start");
        var end = Expression.Read(reader, map.GetValueOrDefault("end"), "rows.end");
        var types = new Dictionary<string, FieldType>(StringComparer.Ordinal);
        if (map.GetValueOrDefault("types") is { } given)
        {
            if (given is not YamlMap typeMap) reader.Report(given, "not_a_map", "rows.types must be a map from cell to type.");
            foreach (var (key, type) in (given as YamlMap)?.Entries ?? [])
            {
                if (reader.Choice(type, $"rows.types.{key.Text}", FieldTypes.ByName) is { } known) types[key.Text] = known;
            }
        }

        foreach (var key in new[] { "start", "end", "line" })
        {
            if (!map.ContainsKey(key) && !(key == "line" && map.ContainsKey("first_line"))) reader.Report(value, "missing_key", $"rows need '{key}'.");
        }

        return start is null || end is null
            ? null
            : new RowsRule(
                start, end, All("first_line"), All("line"), All("last_line"), All("skip_line"),
                Expression.Read(reader, map.GetValueOrDefault("separator"), "rows.separator"), types);

        IReadOnlyList<Expression> All(string key) => Expression.ReadAll(reader, map.GetValueOrDefault(key), $"rows.{key}");
    }

    public static TableRule? Table(YamlReader reader, YamlValue? value)
    {
        if (value is null) return null;
        var map = reader.Map(value, "table", "start", "end", "columns");
        var start = TemplateParser.Phrases(reader, map.GetValueOrDefault("start"), "table.start");
        if (start.Count == 0 && !map.ContainsKey("start")) reader.Report(value, "missing_key", "A table needs 'start', the header that its header line begins with.");
        var columns = reader.List(map.GetValueOrDefault("columns"), "table.columns").Take(MaxColumns).Select(c => Column(reader, c)).OfType<TableColumn>().ToList();
        if (columns.Count == 0) reader.Report(value, "missing_key", "A table needs 'columns', from left to right.");
        foreach (var twice in columns.GroupBy(c => c.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            reader.Report(value, "duplicate_column", $"The column '{twice.Key}' is there twice.");
        if (columns.Count > 0 && !columns.Exists(c => c.Starts)) columns[0] = columns[0] with { Starts = true };
        return new(start, TemplateParser.Phrases(reader, map.GetValueOrDefault("end"), "table.end"), columns);
    }

    // A name alone is its header too.
    private static TableColumn? Column(YamlReader reader, YamlValue value)
    {
        var map = value is YamlText text
            ? new Dictionary<string, YamlValue>(StringComparer.Ordinal) { ["name"] = text }
            : reader.Map(value, "A column", "name", "header", "type", "starts_row");
        if (reader.Text(map.GetValueOrDefault("name"), "A column's name", 60) is not { } name)
        {
            if (!map.ContainsKey("name")) reader.Report(value, "missing_key", "A column needs 'name'.");
            return null;
        }

        if (!FieldParser.IsName(name)) reader.Report(value, "bad_field_name", $"'{name}' is no column's name: lower-case letters, digits and '_', a letter first.");
        var header = TemplateParser.Phrases(reader, map.GetValueOrDefault("header") ?? map["name"], "A column's header");
        return header.Count == 0
            ? null
            : new TableColumn(
                name, header, reader.Choice(map.GetValueOrDefault("type"), "A column's type", FieldTypes.ByName) ?? FieldType.Text,
                reader.Flag(map.GetValueOrDefault("starts_row"), "starts_row") ?? false);
    }
}
