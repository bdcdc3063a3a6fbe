using System.Globalization;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>Says as data why a document was recognised as it was.</summary>
internal static class Evidence
{
    private const int MostAnchors = 20;

    /// <summary>Of the likeliest template; null where none was similar at all.</summary>
    public static MatchEvidence? Of(MatchOutcome outcome, DocumentWords document, TemplateSet templates, Thresholds limits)
    {
        if (outcome.Candidates is not [var first, ..] || templates.Find(first.TemplateId) is not { } template) return null;
        var score = TemplateScore.Of(template, document, limits.TextShare);
        var fit = score.Alignment;
        var rival = outcome.Candidates.FirstOrDefault(c => c.Family != template.Family);
        var missing = fit.Anchors.Where(a => !a.Found).OrderByDescending(a => a.Anchor.Weight).ToList();
        return new(
            template.Id, score.Score, fit.Found, fit.Anchors.Count, [Rounded(fit.Offset.X), Rounded(fit.Offset.Y)], [Rounded(fit.ScaleX), Rounded(fit.ScaleY)],
            [.. missing.Concat(fit.Anchors.Where(a => a.Found).OrderByDescending(a => a.Anchor.Weight).Take(MostAnchors)).Where((a, i) => a.Found || i < MostAnchors).Select(a => Of(a, document))],
            rival is null ? null : new(rival.TemplateId, rival.TemplateName, rival.Score, Rounded(score.Score - rival.Score), rival.Reason),
            outcome.Decision == RecognitionDecision.AutoAccepted ? null : Needs(outcome, score, missing, rival, limits));
    }

    private static AnchorEvidence Of(AnchorFit fit, DocumentWords document)
    {
        var anchor = fit.Anchor;
        double[]? offset = null;
        if (fit.Place is { } place)
        {
            var (x, y) = document.Fraction(place.First);
            offset = [anchor.X is { } ax ? Rounded(x - ax) : 0, anchor.Y is { } ay ? Rounded(y - ay) : 0];
        }

        return new(anchor.Text.Text, anchor.Page, anchor.Weight, fit.Found, Rounded(fit.Agreement), offset);
    }

    private static MatchNeeds Needs(MatchOutcome outcome, TemplateScore score, List<AnchorFit> missing, TemplateCandidate? rival, Thresholds limits)
    {
        var obstacles = new List<string>();
        if (score.Excluded is { } excluded) obstacles.Add(excluded);
        if (score.Title.Words is { } title) obstacles.Add(title);
        if (outcome.Decision == RecognitionDecision.Ambiguous && rival is not null)
            obstacles.Add(string.Create(CultureInfo.InvariantCulture, $"'{rival.TemplateName}' of another family fits about as well; it would have to be behind by {limits.Margin:0.00}"));
        if (score.Score > limits.AcceptOver && outcome.Confidence <= limits.AcceptOver)
            obstacles.Add(string.Create(CultureInfo.InvariantCulture, $"such a score is right in {outcome.Confidence:P0} of cases; more confirmed documents would make it surer"));

        var lacking = Math.Max(0, Rounded(limits.AcceptOver - score.Score));
        var total = score.Alignment.Anchors.Sum(a => a.Anchor.Weight);
        var share = score.Template.Match.Form.Count == 0 ? 1 : limits.TextShare;
        var (gained, needed) = (0.0, new List<string>());
        foreach (var anchor in missing)
        {
            if (gained >= lacking) break;
            gained += share * anchor.Anchor.Weight * (1 - anchor.Agreement) / total;
            needed.Add(anchor.Anchor.Text.Text);
        }

        return new(obstacles, lacking, gained >= lacking ? needed : []);
    }

    private static double Rounded(double value) => Math.Round(value, 4);
}
