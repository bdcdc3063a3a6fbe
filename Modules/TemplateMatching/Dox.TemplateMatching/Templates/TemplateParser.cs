using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Templates;

/// <summary>A definition, or what is wrong with it.</summary>
internal sealed record ParsedTemplate(TemplateDefinition? Template, IReadOnlyList<TemplateProblem> Problems);

/// <summary>Reads a template's definition strictly: everything unknown or out of range is a problem with its line and column.</summary>
internal static class TemplateParser
{
    private const int MaxAnchors = 1_000;
    private const int MinAnchors = 3;
    private const int MaxPhrases = 100;

    public static ParsedTemplate Parse(string text, string source)
    {
        var reader = new YamlReader(source);
        try
        {
            var template = Template(reader, YamlTree.Read(text), source, text);
            return new(reader.Problems.Count == 0 ? template : null, reader.Problems);
        }
        catch (TemplateFormatException e)
        {
            return new(null, [.. reader.Problems, new(source, e.Line, e.Column, e.Code, e.Message)]);
        }
    }

    private static TemplateDefinition? Template(YamlReader reader, YamlValue root, string source, string text)
    {
        if (root is YamlMap { Entries: var entries } && !entries.Any(e => e.Key.Text == "id") && entries.Any(e => e.Key.Text == "keywords"))
        {
            reader.Report(root, "foreign_template", "This is an invoice template of another tool: take it over with dox templates import, or POST /api/v1/templates/import.");
            return null;
        }

        var map = reader.Map(root, "A template", "id", "name", "family", "version", "locale", "samples", "options", "match", "fields", "route");
        var id = Id(reader, root, map.GetValueOrDefault("id"), "id");
        var family = map.TryGetValue("family", out var given) ? Id(reader, root, given, "family") : id;
        var name = reader.Text(map.GetValueOrDefault("name"), "name") ?? id;
        var version = reader.Whole(map.GetValueOrDefault("version"), "version", 1, 1_000_000) ?? 1;
        var locale = FieldParser.Locale(reader, map.GetValueOrDefault("locale"));
        var samples = reader.Whole(map.GetValueOrDefault("samples"), "samples", 0, 1_000_000) ?? 0;
        var (preparation, conventions) = OptionsParser.Read(reader, map.GetValueOrDefault("options"));
        var match = Match(reader, root, map.GetValueOrDefault("match"));
        var fields = FieldParser.Fields(reader, map.GetValueOrDefault("fields"), locale, conventions);
        var team = map.TryGetValue("route", out var route)
            ? reader.Text(reader.Map(route, "route", "team").GetValueOrDefault("team"), "route.team")
            : null;
        return id is null || family is null || name is null || match is null
            ? null
            : new TemplateDefinition
            {
                Id = id,
                Name = name,
                Family = family,
                Version = version,
                Locale = locale,
                Samples = samples,
                Preparation = preparation,
                Conventions = conventions,
                Match = match,
                Fields = fields,
                Team = team,
                Source = source,
                Text = text,
            };
    }

    private static string? Id(YamlReader reader, YamlValue root, YamlValue? value, string key)
    {
        if (value is null)
        {
            reader.Report(root, "missing_key", $"A template needs '{key}', for example {key}: de.example.invoice.");
            return null;
        }

        var text = reader.Text(value, key, 100);
        if (text is null || text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_')) return text;
        reader.Report(value, "bad_id", $"{key} is '{text}'; lower-case letters, digits, '.', '-' and '_' are allowed.");
        return null;
    }

    private static MatchRules? Match(YamlReader reader, YamlValue root, YamlValue? value)
    {
        if (value is null)
        {
            reader.Report(root, "missing_key", "A template needs 'match', with the anchors that it is told by.");
            return null;
        }

        var map = reader.Map(value, "match", "require", "forbid", "keywords", "exclude_keywords", "priority", "anchors", "form", "pages");
        var anchors = reader.List(map.GetValueOrDefault("anchors"), "match.anchors").Take(MaxAnchors + 1)
            .Select(a => AnchorOf(reader, a)).OfType<Anchor>().ToList();
        if (anchors.Count > MaxAnchors) reader.Report(value, "too_many_anchors", $"More than {MaxAnchors} anchors.");
        var keywords = Expression.ReadAll(reader, map.GetValueOrDefault("keywords"), "match.keywords");
        if (anchors.Count < MinAnchors && keywords.Count == 0 && reader.Problems.Count == 0)
            reader.Report(value, "too_few_anchors", $"{anchors.Count} anchors; with fewer than {MinAnchors} and no keywords, documents of any kind would match.");
        return new MatchRules
        {
            Require = Phrases(reader, map.GetValueOrDefault("require"), "match.require"),
            Forbid = Phrases(reader, map.GetValueOrDefault("forbid"), "match.forbid"),
            Keywords = keywords,
            ExcludeKeywords = Expression.ReadAll(reader, map.GetValueOrDefault("exclude_keywords"), "match.exclude_keywords"),
            Priority = reader.Whole(map.GetValueOrDefault("priority"), "match.priority", 0, 1_000) ?? MatchRules.DefaultPriority,
            Anchors = anchors,
            Form = [.. reader.List(map.GetValueOrDefault("form"), "match.form").Take(MaxAnchors).Select(f => FormOf(reader, f)).OfType<FormAnchor>()],
            Pages = Pages(reader, map.GetValueOrDefault("pages")),
        };
    }

    private static Anchor? AnchorOf(YamlReader reader, YamlValue value)
    {
        var map = reader.Map(value, "An anchor", "text", "page", "x", "y", "weight", "title");
        if (map.Count == 0) return null;
        if (!map.TryGetValue("text", out var text))
        {
            reader.Report(value, "missing_key", "An anchor needs 'text'.");
            return null;
        }

        var phrase = PhraseOf(reader, text, "An anchor's text");
        if (phrase?.Tokens.Any(t => t.Contains('0', StringComparison.Ordinal)) == true)
            reader.Report(text, "anchor_with_digits", $"'{phrase.Text}' has digits; words with digits are values, and differ between documents.");
        var page = reader.Whole(map.GetValueOrDefault("page"), "page", 1, 10_000) ?? 1;
        var x = reader.Number(map.GetValueOrDefault("x"), "x", 0, 1);
        var y = reader.Number(map.GetValueOrDefault("y"), "y", 0, 1);
        var weight = reader.Number(map.GetValueOrDefault("weight"), "weight", 0.01, 100) ?? 1;
        var title = reader.Flag(map.GetValueOrDefault("title"), "title") ?? false;
        return phrase is null ? null : new Anchor(phrase, page, x, y, weight, title);
    }

    private static FormAnchor? FormOf(YamlReader reader, YamlValue value)
    {
        var map = reader.Map(value, "A form field", "name", "type", "page", "x", "y");
        if (reader.Text(map.GetValueOrDefault("name"), "A form field's name") is { } name)
        {
            return new FormAnchor(
                name, reader.Text(map.GetValueOrDefault("type"), "A form field's type", 20), reader.Whole(map.GetValueOrDefault("page"), "page", 1, 10_000),
                reader.Number(map.GetValueOrDefault("x"), "x", 0, 1), reader.Number(map.GetValueOrDefault("y"), "y", 0, 1));
        }

        if (!map.ContainsKey("name")) reader.Report(value, "missing_key", "A form field needs 'name'.");
        return null;
    }

    public static IReadOnlyList<Phrase> Phrases(YamlReader reader, YamlValue? value, string what) =>
        [.. YamlReader.OneOrMore(value).Take(MaxPhrases).Select(v => PhraseOf(reader, v, what)).OfType<Phrase>()];

    private static Phrase? PhraseOf(YamlReader reader, YamlValue value, string what)
    {
        if (reader.Text(value, what) is not { } text) return null;
        var phrase = Phrase.Of(text);
        if (phrase.Tokens.Length > 0) return phrase;
        reader.Report(value, "no_words", $"{what} '{text}' has neither letters nor digits.");
        return null;
    }

    private static PageRange Pages(YamlReader reader, YamlValue? value)
    {
        if (value is null) return PageRange.Any;
        var text = reader.Text(value, "match.pages", 20) ?? "";
        var parts = text.Split('-');
        if (int.TryParse(parts[0].TrimEnd('+'), out var min) && min is >= 1 and <= 10_000)
        {
            if (parts.Length == 1) return new(min, parts[0].EndsWith('+') ? int.MaxValue : min);
            if (parts.Length == 2 && int.TryParse(parts[1], out var max) && max >= min && max <= 10_000) return new(min, max);
        }

        reader.Report(value, "bad_pages", $"match.pages is '{text}'; write 1, 1-3 or 2+.");
        return PageRange.Any;
    }
}
