using System.Globalization;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dox.TemplateMatching.Templates;

/// <summary>Writes a definition as the YAML that <see cref="TemplateParser"/> reads back as the same definition.</summary>
internal static class TemplateWriter
{
    public static string Write(TemplateDefinition template)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var yaml = new Yaml(new Emitter(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024)));
        yaml.Document(() =>
        {
            yaml.Entry("id", template.Id);
            yaml.Entry("name", template.Name);
            yaml.Entry("family", template.Family);
            yaml.Entry("version", template.Version);
            yaml.Entry("locale", template.Locale);
            if (template.Samples > 0) yaml.Entry("samples", template.Samples);
            if (template.Preparation != TextRules.None || template.Conventions is not null) yaml.Block("options", () => Options(yaml, template));
            yaml.Block("match", () => Match(yaml, template.Match));
            if (template.Fields.Count > 0)
            {
                yaml.Block("fields", () =>
                {
                    foreach (var field in template.Fields) yaml.Flow(field.Name, () => Field(yaml, field, template.Locale));
                });
            }

            if (template.Team is { } team) yaml.Flow("route", () => yaml.Entry("team", team));
        });
        return text.ToString();
    }

    private static void Match(Yaml yaml, MatchRules match)
    {
        yaml.Phrases("require", match.Require);
        yaml.Phrases("forbid", match.Forbid);
        if (match.Pages != PageRange.Any)
        {
            yaml.Entry("pages", match.Pages switch
            {
                { Max: int.MaxValue } p => $"{p.Min}+",
                { } p when p.Min == p.Max => $"{p.Min}",
                { } p => $"{p.Min}-{p.Max}",
            });
        }

        yaml.Texts("keywords", match.Keywords);
        yaml.Texts("exclude_keywords", match.ExcludeKeywords);
        if (match.Priority != MatchRules.DefaultPriority) yaml.Entry("priority", match.Priority);
        yaml.List("anchors", match.Anchors, a =>
        {
            yaml.Entry("text", a.Text.Text);
            if (a.Page != 1) yaml.Entry("page", a.Page);
            yaml.Entry("x", a.X);
            yaml.Entry("y", a.Y);
            yaml.Entry("weight", a.Weight);
            if (a.Title) yaml.Entry("title", true);
        });
        yaml.List("form", match.Form, f =>
        {
            yaml.Entry("name", f.Name);
            yaml.Entry("type", f.Type);
            yaml.Entry("page", f.Page);
            yaml.Entry("x", f.X);
            yaml.Entry("y", f.Y);
        });
    }

    private static void Field(Yaml yaml, FieldDefinition field, string? locale)
    {
        yaml.Phrases("near", field.Near);
        yaml.Entry("where", FieldParser.Places.First(p => p.Value == field.Where).Key);
        yaml.Phrases("until", field.Until);
        if (field.Region is { } region) yaml.Numbers("region", [region.X, region.Y, region.W, region.H]);
        yaml.Entry("page", field.Page);
        yaml.Entry("regex", field.Expression?.ToString());
        yaml.Entry("type", FieldTypes.NameOf(field.Type));
        if (field.Locale != locale) yaml.Entry("locale", field.Locale);
        if (field.Lines != 1) yaml.Entry("lines", field.Lines);
        if (field.Required) yaml.Entry("required", true);
        yaml.Entry("check", field.Check?.Text);
        yaml.Entry("value", field.Value);
        if (field.Layout is { } layout) Layout(yaml, layout);
        yaml.List("rows", field.Rows, r => Rows(yaml, r));
        if (field.Table is { } table) yaml.Flow("table", () => Table(yaml, table));
    }

    private static void Options(Yaml yaml, TemplateDefinition template)
    {
        if (template.Conventions is { } values)
        {
            if (values.Decimal is { } separator) yaml.Entry("decimal_separator", separator.ToString());
            yaml.Texts("date_formats", values.DateFormats);
            yaml.Texts("languages", values.Languages);
        }

        if (template.Preparation.RemoveWhitespace) yaml.Entry("remove_whitespace", true);
        if (template.Preparation.RemoveAccents) yaml.Entry("remove_accents", true);
        if (template.Preparation.Lowercase) yaml.Entry("lowercase", true);
        yaml.Pairs("replace", template.Preparation.Replace.Select(r => (r.Expression.Pattern, r.With)).ToList());
    }

    private static void Layout(Yaml yaml, LayoutRule rule)
    {
        yaml.Texts("regex", rule.Expressions);
        yaml.Entry("after", rule.After?.Pattern);
        yaml.Entry("before", rule.Before?.Pattern);
        if (rule.EachLine) yaml.Entry("each_line", true);
        if (rule.Group != ValueGroup.All) yaml.Entry("group", LayoutParser.Groups.First(g => g.Value == rule.Group).Key);
    }

    private static void Rows(Yaml yaml, RowsRule rule)
    {
        yaml.Entry("start", rule.Start.Pattern);
        yaml.Entry("end", rule.End.Pattern);
        yaml.Texts("first_line", rule.FirstLine);
        yaml.Texts("line", rule.Line);
        yaml.Texts("last_line", rule.LastLine);
        yaml.Texts("skip_line", rule.SkipLine);
        yaml.Entry("separator", rule.Separator?.Pattern);
        if (rule.Types.Count == 0) return;
        yaml.Flow("types", () =>
        {
            foreach (var (cell, type) in rule.Types) yaml.Entry(cell, FieldTypes.NameOf(type));
        });
    }

    private static void Table(Yaml yaml, TableRule table)
    {
        yaml.Phrases("start", table.Start);
        yaml.Phrases("end", table.End);
        yaml.List("columns", table.Columns, c =>
        {
            yaml.Entry("name", c.Name);
            yaml.Phrases("header", c.Header);
            yaml.Entry("type", FieldTypes.NameOf(c.Type));
            if (c.Starts) yaml.Entry("starts_row", true);
        });
    }

    private sealed class Yaml(Emitter emitter)
    {
        public void Document(Action content)
        {
            emitter.Emit(new StreamStart());
            emitter.Emit(new DocumentStart(null, null, isImplicit: true));
            Map(MappingStyle.Block, content);
            emitter.Emit(new DocumentEnd(isImplicit: true));
            emitter.Emit(new StreamEnd());
        }

        public void Block(string key, Action content)
        {
            Scalar(key);
            Map(MappingStyle.Block, content);
        }

        public void Flow(string key, Action content)
        {
            Scalar(key);
            Map(MappingStyle.Flow, content);
        }

        public void Entry(string key, string? value)
        {
            if (value is null) return;
            Scalar(key);
            Scalar(value, isText: true);
        }

        public void Entry(string key, bool value)
        {
            Scalar(key);
            Scalar(value ? "true" : "false");
        }

        public void Entry(string key, double? value)
        {
            if (value is not { } number) return;
            Scalar(key);
            Scalar(number.ToString("0.######", CultureInfo.InvariantCulture));
        }

        public void Numbers(string key, IEnumerable<double> values)
        {
            Scalar(key);
            emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Flow));
            foreach (var value in values) Scalar(value.ToString("0.######", CultureInfo.InvariantCulture));
            emitter.Emit(new SequenceEnd());
        }

        public void Phrases(string key, IReadOnlyList<Phrase> phrases)
        {
            if (phrases.Count == 0) return;
            Scalar(key);
            if (phrases.Count > 1) emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Flow));
            foreach (var phrase in phrases) Scalar(phrase.Text, isText: true);
            if (phrases.Count > 1) emitter.Emit(new SequenceEnd());
        }

        public void Texts<T>(string key, IReadOnlyList<T> texts)
            where T : notnull
        {
            if (texts.Count == 0) return;
            Scalar(key);
            Texts(texts.Select(t => t.ToString()!));
        }

        public void Pairs(string key, List<(string From, string To)> pairs)
        {
            if (pairs.Count == 0) return;
            Scalar(key);
            emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
            foreach (var (from, to) in pairs) Texts([from, to]);
            emitter.Emit(new SequenceEnd());
        }

        private void Texts(IEnumerable<string> texts)
        {
            emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Flow));
            foreach (var text in texts) Scalar(text, isText: true);
            emitter.Emit(new SequenceEnd());
        }

        public void List<T>(string key, IReadOnlyList<T> items, Action<T> content)
        {
            if (items.Count == 0) return;
            Scalar(key);
            emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
            foreach (var item in items) Map(MappingStyle.Flow, () => content(item));
            emitter.Emit(new SequenceEnd());
        }

        private void Map(MappingStyle style, Action content)
        {
            emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, style));
            content();
            emitter.Emit(new MappingEnd());
        }

        // Text that is read in a document is anything: quoted wherever a letter could mean something in YAML.
        private void Scalar(string value, bool isText = false)
        {
            var isPlain = value.Length > 0 && char.IsAsciiLetterOrDigit(value[0]) && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+');
            emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, value, isText && !isPlain ? ScalarStyle.DoubleQuoted : ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: true));
        }
    }
}
