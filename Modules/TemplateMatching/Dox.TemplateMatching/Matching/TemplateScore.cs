using Dox.DocumentReading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Matching;

/// <summary>Limits of the decision, each 0 to 1.</summary>
/// <param name="AcceptOver">Over it a match is accepted.</param>
/// <param name="ReviewFrom">From it on a person confirms.</param>
/// <param name="UnknownUnder">Under it a template isn't similar at all.</param>
/// <param name="Margin">What the best must be ahead of another family.</param>
/// <param name="TextShare">What words count for, form fields counting for the rest.</param>
internal sealed record Thresholds(double AcceptOver, double ReviewFrom, double UnknownUnder, double Margin, double TextShare);

/// <summary>How well one template fits a document.</summary>
/// <param name="Template">The template.</param>
/// <param name="Alignment">Its anchors over the document.</param>
/// <param name="Score">0 to 1, whatever excludes it.</param>
/// <param name="Excluded">What excludes it all the same; null where nothing does.</param>
internal sealed record TemplateScore(TemplateDefinition Template, Alignment Alignment, double Score, string? Excluded)
{
    private const int MaxNamed = 5;
    private const double FieldTolerance = 0.03;
    private const double TitleShare = 0.25;

    public required Title Title { get; init; }

    /// <summary>The score where nothing excludes it, else 0.</summary>
    public double Effective => Excluded is null ? Score : 0;

    public static TemplateScore Of(TemplateDefinition template, DocumentWords document, double textShare)
    {
        var alignment = Alignment.Of(template, document);
        var score = template.Match.Form.Count == 0
            ? alignment.Score
            : textShare * alignment.Score + (1 - textShare) * FormScore(template.Match.Form, document.Text.Fields);
        var title = Title.Of(alignment, document);
        if (title.Doubt >= 1 && template.Samples is 0 or >= 3) score *= 1 - TitleShare;
        // Rounded here, once: what is decided on, shown, stored and decided on again later is the same number.
        return new(template, alignment, Math.Round(Math.Clamp(score, 0, 1), 4), Exclusion(template, document))
        {
            Title = title,
        };
    }

    public MatchFeatures Features(TemplateScore? rival) => new(
        Score, Alignment.Anchors.Sum(a => a.Anchor.Weight * a.Agreement), Math.Max(Template.Samples, 1), Math.Max(0, Score - (rival?.Score ?? 0)), Title.Doubt);

    public TemplateCandidate Candidate(string reason) =>
        new(Template.Id, Template.Name, Template.Family, Effective, Alignment.Found, Alignment.Anchors.Count, reason);

    /// <summary>The anchors that weigh most and aren't where they should be; empty where all are.</summary>
    public string MissingInWords()
    {
        var missing = Alignment.Anchors.Where(a => !a.Found).OrderByDescending(a => a.Anchor.Weight).ToList();
        if (missing.Count == 0) return "";
        var named = missing.Take(MaxNamed).Select(a => a.Place is null ? $"'{a.Anchor.Text}'" : $"'{a.Anchor.Text}' (elsewhere on the page)");
        return string.Join(", ", named) + (missing.Count > MaxNamed ? $" and {missing.Count - MaxNamed} more" : "");
    }

    public string FoundInWords()
    {
        var moved = Alignment.Offset.Size >= 0.005
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", the page moved by {Alignment.Offset.X:+0.0%;-0.0%} across and {Alignment.Offset.Y:+0.0%;-0.0%} down")
            : "";
        return $"{Alignment.Found} of {Alignment.Anchors.Count} anchors stand where they should{moved}";
    }

    private static double FormScore(IReadOnlyList<FormAnchor> wanted, IReadOnlyList<FormField> fields)
    {
        var byName = fields.GroupBy(f => f.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        return wanted.Average(w => byName.TryGetValue(w.Name, out var field) ? (w.Type is null || w.Type == field.Type ? 1.0 : 0.5) * (IsInPlace(w, field) ? 1 : 0.5) : 0);
    }

    private static bool IsInPlace(FormAnchor wanted, FormField field) =>
        wanted.Page is null || field.Page is null || field.Box is not { } box
        || (wanted.Page == field.Page && IsNear(wanted.X, box.X) && IsNear(wanted.Y, box.Y + box.H / 2));

    private static bool IsNear(double? wanted, double place) => wanted is null || Math.Abs(wanted.Value - place) <= FieldTolerance;

    private static string? Exclusion(TemplateDefinition template, DocumentWords document)
    {
        var match = template.Match;
        if (match.Require.FirstOrDefault(p => !Occurrence.Of(p, document).Any()) is { } missing) return $"it requires '{missing}', which the document doesn't say";
        if (match.Forbid.FirstOrDefault(p => Occurrence.Of(p, document).Any()) is { } forbidden) return $"it forbids '{forbidden}', which the document says";
        if (!match.Pages.Includes(document.Text.PageCount)) return $"it has {match.Pages} pages, the document {document.Text.PageCount}";
        return match.Keywords.Count + match.ExcludeKeywords.Count > 0 ? KeywordMatch.Missing(template, document.Layout) : null;
    }
}
