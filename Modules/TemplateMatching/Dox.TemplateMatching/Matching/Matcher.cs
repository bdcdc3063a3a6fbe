using System.Globalization;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Matching;

/// <summary>What matching a document against the templates came to.</summary>
/// <param name="Decision">What is to become of it.</param>
/// <param name="Confidence">Of the best, 0 to 1.</param>
/// <param name="Best">The best that nothing excludes and that is similar at all.</param>
/// <param name="Candidates">Best first, each with its reason.</param>
/// <param name="Explanation">In words.</param>
internal sealed record MatchOutcome(
    RecognitionDecision Decision, double Confidence, TemplateScore? Best, IReadOnlyList<TemplateCandidate> Candidates, string Explanation)
{
    /// <summary>What the confidence was made of; null where the score is the confidence, or nothing was similar.</summary>
    public MatchFeatures? Features { get; init; }

    /// <summary>The template that the confidence is of, also where it is too small to name it.</summary>
    public string? Likeliest { get; init; }
}

/// <summary>Finds the template that a document is an instance of, or says that there is none.</summary>
internal static class Matcher
{
    private const int MinAnchorsFound = 3;
    private const double MinWorthTelling = 0.05;

    // Two versions of a form differ in a few words: a version that fits better by that much is meant, however old.
    private const double VersionShare = 0.3;

    public static MatchOutcome Match(DocumentWords document, TemplateSet templates, Thresholds limits, int maxScored)
    {
        var scores = templates.Index.Candidates(document, maxScored)
            .Select(t => TemplateScore.Of(t, document, limits.TextShare))
            .Where(s => s.Score >= MinWorthTelling)
            .OrderByDescending(s => s.Effective).ThenByDescending(s => s.Score).ThenBy(s => s.Template.Id, StringComparer.Ordinal)
            .ToList();
        var best = NewestOfFamily(scores, limits.Margin);
        var rival = best is null ? null : scores.FirstOrDefault(s => s.Excluded is null && s.Template.Family != best.Template.Family);
        var confidence = best is null ? 0 : Confidence(best, rival, templates.Calibration);
        var (decision, why) = Decide(best, rival, confidence, limits);
        var ordered = best is null ? scores : [best, .. scores.Where(s => s != best)];
        return new(
            decision,
            confidence,
            decision == RecognitionDecision.Unknown ? null : best,
            [.. ordered.Select(s => s.Candidate(Reason(s, best, limits)))],
            Explain(best, rival, confidence, scores, why, limits))
        {
            Features = best is { Template.Samples: > 0 } ? best.Features(rival) : null,
            Likeliest = best?.Template.Id,
        };
    }

    // What a person wrote has weights that a person chose: there the score is the confidence.
    private static double Confidence(TemplateScore best, TemplateScore? rival, Calibration calibration) =>
        best.Template.Samples == 0 ? best.Score : calibration.Confidence(best.Features(rival));

    /// <summary>Over the high limit accepts, from the low one on is review, under it is manual selection.</summary>
    public static RecognitionDecision ByConfidence(double confidence, double acceptOver, double reviewFrom) =>
        confidence > acceptOver ? RecognitionDecision.AutoAccepted
        : confidence >= reviewFrom ? RecognitionDecision.HumanReview
        : RecognitionDecision.ManualSelection;

    // Versions of a form don't fight each other: of those that fit about as well, the newest is meant.
    private static TemplateScore? NewestOfFamily(List<TemplateScore> scores, double margin)
    {
        if (scores.FirstOrDefault(s => s.Excluded is null) is not { } first) return null;
        return scores
            .Where(s => s.Excluded is null && s.Template.Family == first.Template.Family && s.Score >= first.Score - margin * VersionShare)
            .MaxBy(s => (s.Template.Version, s.Score));
    }

    private static (RecognitionDecision Decision, string Why) Decide(TemplateScore? best, TemplateScore? rival, double confidence, Thresholds limits)
    {
        if (best is null) return (RecognitionDecision.Unknown, "no template shares its words");
        var needed = Math.Min(MinAnchorsFound, best.Alignment.Anchors.Count);
        if (confidence < limits.UnknownUnder || best.Alignment.Found < needed) return (RecognitionDecision.Unknown, "no template is similar to it");
        var decision = ByConfidence(confidence, limits.AcceptOver, limits.ReviewFrom);
        return decision != RecognitionDecision.ManualSelection && rival is not null && rival.Score > best.Score - limits.Margin
            ? (RecognitionDecision.Ambiguous, "two families fit about as well")
            : (decision, decision switch
            {
                RecognitionDecision.AutoAccepted => $"over {Number(limits.AcceptOver)} a match is accepted",
                RecognitionDecision.HumanReview => $"from {Number(limits.ReviewFrom)} to {Number(limits.AcceptOver)} a person confirms",
                _ => $"under {Number(limits.ReviewFrom)} a person picks the template",
            });
    }

    private static string Explain(TemplateScore? best, TemplateScore? rival, double confidence, List<TemplateScore> scores, string why, Thresholds limits)
    {
        if (best is null)
        {
            return scores.Find(s => s.Score >= limits.ReviewFrom) is { } excluded
                ? $"Unknown: {why}; '{excluded.Template.Name}' would fit at {Number(excluded.Score)}, but {excluded.Excluded}."
                : $"Unknown: {why}.";
        }

        var sure = best.Template.Samples == 0 ? "" : $", which is right in {Math.Floor(confidence * 100)} of 100 such cases";
        var text = $"'{best.Template.Name}' fits at {Number(best.Score)}{sure}: {best.FoundInWords()}; {why}.";
        if (best.Title.Words is { } title) text += $" But {title}: it may be another kind of document of the same sender.";
        if (best.MissingInWords() is { Length: > 0 } missing) text += $" Missing: {missing}.";
        if (rival is not null) text += $" Next comes '{rival.Template.Name}' at {Number(rival.Score)}, with {rival.FoundInWords()}.";
        if (scores.Find(s => s.Excluded is not null && s.Score > best.Score) is { } closer)
            text += $" '{closer.Template.Name}' would fit at {Number(closer.Score)}, but {closer.Excluded}.";
        return text;
    }

    private static string Reason(TemplateScore score, TemplateScore? best, Thresholds limits)
    {
        if (score.Excluded is { } excluded) return $"Would fit at {Number(score.Score)}, but {excluded}.";
        var text = $"{score.FoundInWords()}.";
        var missing = score.MissingInWords();
        if (missing.Length > 0)
        {
            text += score.Score > limits.AcceptOver ? $" Missing: {missing}." : $" It would be accepted over {Number(limits.AcceptOver)}; missing are {missing}.";
        }

        if (best is null || score == best) return text;
        return score.Template.Family == best.Template.Family
            ? $"{text} Version {best.Template.Version} of the same form fits better or is newer."
            : $"{text} '{best.Template.Name}' is ahead by {Number(best.Score - score.Score)}.";
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
