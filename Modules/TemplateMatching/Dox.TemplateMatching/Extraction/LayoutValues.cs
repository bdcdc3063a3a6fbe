using System.Text.RegularExpressions;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads a field by expressions over the laid-out pages.</summary>
internal sealed class LayoutValues(DocumentWords document, TextRules rules, ExpressionRuns runs)
{
    private const double Certainty = 0.85;
    private const int MaxValues = 200;
    private readonly Dictionary<(int? Page, RegionBox? Region), PreparedText> _texts = [];

    /// <summary>The pages' text, prepared as the template says.</summary>
    public PreparedText Text(int? page = null, RegionBox? region = null)
    {
        if (!_texts.TryGetValue((page, region), out var text))
            _texts[(page, region)] = text = LayoutText.Of(document, page, region).Apply(rules, runs);
        return text;
    }

    public ExtractedField? Read(FieldDefinition field)
    {
        if (field.Layout is not { } layout || Between(Text(field.Page, field.Region), layout.After, layout.Before, field.Name) is not { } text) return null;
        var lines = layout.EachLine ? Lines(text, null, field.Name) : [text];
        var values = new List<ExtractedField>();
        foreach (var line in lines)
        {
            foreach (var expression in layout.Expressions) values.AddRange(Find(field, expression, line, layout.EachLine));
        }

        return values.Count == 0 ? null : ValueGroups.Pick(layout.Group, values);
    }

    /// <summary>What stands between two expressions; null where one of them isn't there.</summary>
    public PreparedText? Between(PreparedText text, Expression? after, Expression? before, string field)
    {
        if (after is not null)
        {
            if (runs.First(after, text.Text, field) is not { } start) return null;
            text = text.Part(start.Index + start.Length, text.Text.Length - start.Index - start.Length);
        }

        if (before is null) return text;
        return runs.First(before, text.Text, field) is { } end ? text.Part(0, end.Index) : null;
    }

    public IEnumerable<PreparedText> Lines(PreparedText text, Expression? separator, string field)
    {
        var start = 0;
        var ends = separator is null
            ? Positions(text.Text)
            : runs.All(separator, text.Text, field).Where(m => m.Length > 0).Select(m => (m.Index, m.Length));
        foreach (var (index, length) in ends.Append((text.Text.Length, 0)).ToList())
        {
            if (index > start && !string.IsNullOrWhiteSpace(text.Text[start..index])) yield return text.Part(start, index - start);
            start = index + length;
        }

        static IEnumerable<(int, int)> Positions(string text)
        {
            for (var i = text.IndexOf('\n'); i >= 0; i = text.IndexOf('\n', i + 1)) yield return (i, 1);
        }
    }

    /// <summary>A part of a text as a value of its type; null where it is none.</summary>
    public ExtractedField? Value(string raw, FieldType type, ValueConventions conventions, PreparedText text, int start, string? label = null)
    {
        if (Typed(raw, type, conventions) is not { } typed) return null;
        var words = text.WordsOf(start, raw.Length);
        var page = words.Count > 0 ? words[0].Page : 1;
        var onPage = words.Where(w => w.Page == page).Select(w => w.Box).ToList();
        return new(
            typed.Value, raw.Trim(), FieldTypes.NameOf(type), Math.Round(Certainty * typed.Certainty, 3), page,
            onPage.Count == 0 ? null : document.Fractions(page, onPage.Aggregate((a, b) => a.With(b))), label);
    }

    // What an expression caught is the value: text isn't looked at any closer, the other types are brought into their form.
    public static (string Value, double Certainty)? Typed(string raw, FieldType type, ValueConventions conventions)
    {
        var text = raw.Trim();
        if (text.Length == 0) return null;
        if (type is FieldType.Text or FieldType.Id) return (text, 1);
        if (type == FieldType.Date && DateFormats.Read(text, conventions.DateFormats) is { } date) return (date, 1);
        return (TypedValue.Find(type, text, conventions) ?? TypedValue.Find(type, text, ValueConventions.Unknown)) is { } value ? (value.Value, value.Certainty) : null;
    }

    private IEnumerable<ExtractedField> Find(FieldDefinition field, Expression expression, PreparedText text, bool fromStart)
    {
        foreach (var match in runs.All(expression, text.Text, field.Name, fromStart ? 1 : MaxValues))
        {
            if (fromStart && match.Index > 0 && !string.IsNullOrWhiteSpace(text.Text[..match.Index])) continue;
            foreach (var part in Parts(match, field.Name))
            {
                if (Value(part.Value, field.Type, field.Conventions, text, part.Index) is { } value) yield return value;
            }
        }
    }

    private static IEnumerable<Capture> Parts(Match match, string name)
    {
        foreach (var wanted in new[] { name, "value" })
        {
            if (match.Groups.ContainsKey(wanted)) return match.Groups[wanted].Success ? [match.Groups[wanted]] : [];
        }

        if (match.Groups.Count == 1) return [match];
        return match.Groups.Cast<Group>().Skip(1).Where(g => g is { Success: true, Length: > 0 }).OrderBy(g => g.Index).ThenByDescending(g => g.Length);
    }
}
