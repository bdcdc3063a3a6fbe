using System.Globalization;
using YamlDotNet.Serialization;

namespace Dox.TemplateMatching.Templates.Import;

/// <summary>What taking over a foreign template came to.</summary>
/// <param name="Template">The definition; null where it can't be taken over.</param>
/// <param name="Yaml">The definition as a file of ours; null where it can't be taken over.</param>
/// <param name="Warnings">What was taken otherwise than it says, or left out.</param>
/// <param name="Problems">Why it can't be taken over; empty where it can.</param>
internal sealed record ImportedTemplate(
    TemplateDefinition? Template, string? Yaml, IReadOnlyList<TemplateProblem> Warnings, IReadOnlyList<TemplateProblem> Problems);

/// <summary>
/// Takes over the invoice templates of another tool (YAML or JSON with <c>issuer</c>, <c>keywords</c>, <c>fields</c>, <c>lines</c>,
/// <c>tables</c>, <c>options</c>): everything that they say can be said in a definition of ours.
/// </summary>
internal static class ForeignTemplate
{
    private static readonly string[] Known =
    [
        "issuer", "keywords", "exclude_keywords", "fields", "lines", "tables", "options", "required_fields", "priority", "country_code", "input_module",
    ];

    private static readonly string[] AlwaysRequired = ["date", "amount", "invoice_number", "issuer"];

    /// <summary>Whether a text is such a template rather than a definition of ours.</summary>
    public static bool IsOne(string text)
    {
        try
        {
            return YamlTree.Read(text, static _ => { }) is YamlMap { Entries: var entries } && entries.Any(e => e.Key.Text == "keywords") && !entries.Any(e => e.Key.Text == "id");
        }
        catch (TemplateFormatException)
        {
            return false;
        }
    }

    /// <param name="text">The foreign template.</param>
    /// <param name="id">The id that it gets, usually the file's name without extension; what an id can't have becomes a dash.</param>
    /// <param name="source">The file that it comes from, for messages.</param>
    public static ImportedTemplate Import(string text, string id, string source)
    {
        var reader = new YamlReader(source);
        try
        {
            if (YamlTree.Read(text, key => reader.Report(key, "twice", $"'{key.Text}' is there twice; the last counts.")) is not YamlMap root) throw new TemplateFormatException("not_a_map", "A template must be a map (key: value).", 1, 1);
            var yaml = Serialize(Definition(reader, root, IdOf(id)));
            var parsed = TemplateParser.Parse(yaml, source);
            return parsed.Template is { } template ? new(template, yaml, reader.Problems, []) : new(null, null, reader.Problems, parsed.Problems);
        }
        catch (TemplateFormatException e)
        {
            return new(null, null, reader.Problems, [new(source, e.Line, e.Column, e.Code, e.Message)]);
        }
    }

    private static Dictionary<string, object> Definition(YamlReader warnings, YamlMap root, string id)
    {
        var map = root.Entries.ToDictionary(e => e.Key.Text, e => e.Value, StringComparer.Ordinal);
        foreach (var (key, _) in root.Entries.Where(e => !Known.Contains(e.Key.Text, StringComparer.Ordinal)))
            warnings.Report(key, "left_out", $"'{key.Text}' isn't known and was left out.");
        if (map.TryGetValue("input_module", out var module))
            warnings.Report(module, "left_out", "'input_module' was left out: text is read and laid out one way, and recognised optically where there is none.");
        var issuer = (map.GetValueOrDefault("issuer") as YamlText)?.Text ?? IssuerOf(id);
        var options = new ForeignOptions(warnings, map.GetValueOrDefault("options"));
        var fields = new ForeignFields(warnings).Read(map);
        fields.TryAdd("issuer", ForeignFields.Fixed(issuer));
        if (map.GetValueOrDefault("country_code") is YamlText country) fields.TryAdd("country_code", ForeignFields.Fixed(country.Text));
        if (options.Currency is { } currency) fields.TryAdd("currency", ForeignFields.Fixed(currency));
        fields.TryAdd("desc", ForeignFields.Fixed($"Invoice from {issuer}"));
        var required = map.TryGetValue("required_fields", out var given)
            ? YamlReader.OneOrMore(given).OfType<YamlText>().Select(t => t.Text)
            : AlwaysRequired;
        foreach (var name in required)
        {
            if (fields.TryGetValue(ForeignFields.Name(name), out var field)) field["required"] = true;
        }

        var definition = new Dictionary<string, object>(StringComparer.Ordinal) { ["id"] = id, ["name"] = issuer, ["version"] = "1" };
        if (options.Ours.Count > 0) definition["options"] = options.Ours;
        definition["match"] = Match(warnings, root, map, options.Priority);
        definition["fields"] = fields;
        return definition;
    }

    private static Dictionary<string, object> Match(YamlReader warnings, YamlMap root, Dictionary<string, YamlValue> map, string? optionsPriority)
    {
        var keywords = Keywords(map, "keywords");
        if (keywords.Count == 0) throw new TemplateFormatException("missing_key", "It has no 'keywords', which it would be told by.", root.Line, root.Column);
        var match = new Dictionary<string, object>(StringComparer.Ordinal) { ["keywords"] = keywords };
        if (Keywords(map, "exclude_keywords") is { Count: > 0 } excluded) match["exclude_keywords"] = excluded;
        var priority = (map.GetValueOrDefault("priority") as YamlText)?.Text ?? optionsPriority;
        if (int.TryParse(priority, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) match["priority"] = number.ToString(CultureInfo.InvariantCulture);
        else if (priority is not null) warnings.Report(root, "left_out", $"The priority '{priority}' is no whole number and was left out.");
        var anchors = Anchors(keywords).ToList();
        if (anchors.Count > 0) match["anchors"] = anchors;
        return match;
    }

    private static List<object> Keywords(Dictionary<string, YamlValue> map, string key) =>
        [.. YamlReader.OneOrMore(map.GetValueOrDefault(key)).OfType<YamlText>().Where(t => t.Text.Length > 0).Select(t => ForeignExpression.Of(t.Text).Pattern)];

    // Keywords that are plain words are what candidates are found by; where on the page they stand, nobody said.
    private static IEnumerable<Dictionary<string, object>> Anchors(List<object> keywords) => keywords.Cast<string>()
        .Where(k => k.All(c => char.IsLetter(c) || c is ' ' or '-') && k.Any(char.IsLetter))
        .Select(k => new Dictionary<string, object>(StringComparer.Ordinal) { ["text"] = k.Trim() });

    private static string IdOf(string name)
    {
        var id = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_' ? c : '-'));
        return id.Length > 100 ? id[..100] : id;
    }

    private static string IssuerOf(string id)
    {
        var last = id[(id.LastIndexOf('.') + 1)..];
        return last.Length == 0 ? id : char.ToUpperInvariant(last[0]) + last[1..];
    }

    private static string Serialize(Dictionary<string, object> definition) =>
        new SerializerBuilder().WithQuotingNecessaryStrings().Build().Serialize(definition);
}
