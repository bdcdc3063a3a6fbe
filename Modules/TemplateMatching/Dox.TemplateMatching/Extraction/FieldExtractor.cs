using System.Globalization;
using System.Text.RegularExpressions;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads a template's fields from a document.</summary>
internal static class FieldExtractor
{
    private const int MaxValue = 2_000;

    public static ExtractionResult Extract(TemplateDefinition template, DocumentWords document)
    {
        var runs = new ExpressionRuns();
        var layout = new LayoutValues(document, template.Preparation, runs);
        var relations = new Relations(template, document, Alignment.Of(template, document));
        var fields = new Dictionary<string, ExtractedField>(StringComparer.Ordinal);
        foreach (var field in template.Fields)
        {
            var value = field.Where switch
            {
                FieldPlace.Static => Static(field),
                FieldPlace.Layout => layout.Read(field),
                FieldPlace.Rows => new LayoutRows(layout, runs).Read(field),
                FieldPlace.Table => TableReader.Read(field, document),
                _ => Read(field, relations, document, runs),
            };
            if (value is not null) fields[field.Name] = value;
        }

        ApplyChecks(template, fields);
        var missing = template.Fields.Where(f => f.Required && !fields.ContainsKey(f.Name)).Select(f => f.Name).ToList();
        return new(template.Id, fields, missing, missing.Count == 0, runs.Problems.Count == 0 ? null : runs.Problems);
    }

    private static ExtractedField? Static(FieldDefinition field) => field.Value is { } value && LayoutValues.Typed(value, field.Type, field.Conventions) is { } typed
        ? new(typed.Value, value, FieldTypes.NameOf(field.Type), typed.Certainty, 1)
        : null;

    private static ExtractedField? Read(FieldDefinition field, Relations relations, DocumentWords document, ExpressionRuns runs)
    {
        ExtractedField? best = null;
        foreach (var found in relations.Of(field))
        {
            if (found.Text.Length == 0 || Value(field, found, runs) is not { } value || value.Value.Length > MaxValue) continue;
            var words = found.WordsOf(value.Start, value.Length);
            if (words.Count == 0) continue;
            var page = words[0].Page;
            var box = words.Where(w => w.Page == page).Select(w => w.Box).Aggregate((a, b) => a.With(b));
            var confidence = Math.Round(found.Certainty * value.Certainty, 3);
            if (best is null || confidence > best.Confidence)
            {
                best = new(
                    value.Value, found.Text.Substring(value.Start, value.Length), FieldTypes.NameOf(field.Type), confidence, page,
                    document.Fractions(page, box), found.Label?.Text);
            }

            if (value.Certainty >= 0.9) break; // the likeliest place has it
        }

        return best;
    }

    private static TypedValue? Value(FieldDefinition field, FoundText found, ExpressionRuns runs)
    {
        var (text, offset) = (found.Text, 0);
        if (field.Expression is { } expression)
        {
            if (Part(expression, text, field.Name, runs) is not { } part) return null;
            (text, offset) = (part.Value, part.Index);
        }

        return TypedValue.Find(field.Type, text, field.Conventions) is { } value ? value with { Start = value.Start + offset } : null;
    }

    private static Group? Part(Expression expression, string text, string field, ExpressionRuns runs)
    {
        if (runs.First(expression, text, field) is not { } match) return null;
        var part = match.Groups["value"] is { Success: true } named ? named : match.Groups.Count > 1 && match.Groups[1].Success ? match.Groups[1] : match;
        return part.Length > 0 ? part : null;
    }

    // What adds up was read right; what doesn't was read wrong somewhere, and nobody can tell where.
    private static void ApplyChecks(TemplateDefinition template, Dictionary<string, ExtractedField> fields)
    {
        var numbers = fields.Where(f => Number(f.Value) is not null).ToDictionary(f => f.Key, f => Number(f.Value)!.Value, StringComparer.Ordinal);
        foreach (var check in template.Fields.Select(f => f.Check).OfType<CheckExpression>())
        {
            if (check.Holds(numbers) is not { } holds) continue;
            foreach (var name in check.Fields)
            {
                var field = fields[name];
                fields[name] = field with { Confidence = Math.Round(holds ? 1 - (1 - field.Confidence) / 4 : field.Confidence * 0.4, 3) };
            }
        }
    }

    private static decimal? Number(ExtractedField field) => field.Type switch
    {
        "money" or "number" when decimal.TryParse(field.Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) => number,
        "date" when DateOnly.TryParseExact(field.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) => date.DayNumber,
        _ => null,
    };
}
