using System.Globalization;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;

namespace Dox.Benchmarks.Accuracy;

/// <summary>What trials came to, as figures and as the page docs/reference/accuracy.md.</summary>
internal sealed class AccuracyTable(IReadOnlyList<AccuracyTrial> trials)
{
    private const int Bins = 10;
    private const int MaxListed = 40;

    /// <summary>Trials with a likeliest template, by how sure the calibration that ships is, and whether that one is right.</summary>
    private readonly IReadOnlyList<(double Confidence, bool IsRight)> _shipped =
        [.. trials.Where(t => t.Outcome.Features is not null).Select(t => (t.Outcome.Confidence, t.Outcome.Likeliest == t.Expected))];

    private readonly IReadOnlyList<(double Confidence, bool IsRight)> _own = CrossFitted(trials);

    /// <summary>Of the calibration that ships, 0 to 1.</summary>
    public double ShippedError => Error(_shipped);

    /// <summary>Of one that was fitted to other documents of the same library, 0 to 1.</summary>
    public double CalibrationError => Error(_own);

    /// <summary>Of what is said that sure, how much is right: 0 to 1; null where nothing is.</summary>
    public double? RightBetween(double from, double to)
    {
        var said = _own.Where(s => s.Confidence >= from && s.Confidence < to).ToList();
        return said.Count == 0 ? null : said.Count(s => s.IsRight) / (double)said.Count;
    }

    // In halves: each half is told how sure it is by a calibration that was fitted to the other one.
    private static List<(double Confidence, bool IsRight)> CrossFitted(IReadOnlyList<AccuracyTrial> trials)
    {
        var known = trials.Where(t => t.Outcome.Features is not null).Select(t => (Features: t.Outcome.Features!, IsRight: t.Outcome.Likeliest == t.Expected)).ToList();
        var halves = new[] { known.Where((_, i) => i % 2 == 0).ToList(), known.Where((_, i) => i % 2 == 1).ToList() };
        var fitted = halves.Select(h => Calibration.Fit(h, Calibration.Shipped)).ToList();
        return [.. halves[0].Select(t => (fitted[1].Confidence(t.Features), t.IsRight)), .. halves[1].Select(t => (fitted[0].Confidence(t.Features), t.IsRight))];
    }

    // Mean distance between what was said and what was, over ten ranges of confidence.
    private static double Error(IReadOnlyList<(double Confidence, bool IsRight)> said) => said.GroupBy(s => Math.Min((int)(s.Confidence * Bins), Bins - 1))
        .Sum(b => (double)b.Count() / said.Count * Math.Abs(b.Average(s => s.Confidence) - b.Count(s => s.IsRight) / (double)b.Count()));

    public double Right(string set, int? samples = null) => Share(Of(set, samples), t => t.IsRight);

    public double Accepted(string set, int? samples = null) => Share(Of(set, samples), t => t.IsRight && t.Outcome.Decision == RecognitionDecision.AutoAccepted);

    public double FalseAccepts(string set, int? samples = null) => Share(Of(set, samples), t => t.IsFalseAccept);

    public int Count(string set, int? samples = null) => Of(set, samples).Count();

    public IReadOnlyList<(MatchFeatures Features, bool IsRight)> ForCalibration =>
        [.. trials.Where(t => t.Outcome.Features is not null).Select(t => (t.Outcome.Features!, t.Outcome.Likeliest == t.Expected))];

    /// <summary>The page.</summary>
    public string Page()
    {
        var date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        List<string> lines =
        [
            "# Accuracy of template matching", "",
            "Written by one command, which learns a library from one, two and three samples a layout and asks it about documents that it never saw:", "",
            "    DOX_CORPORA=<folder> dotnet run -c Release --project tests/Dox.Benchmarks -- accuracy --write", "",
            $"Last written on {date}, over {trials.Count:#,0} recognitions. `layouts` are generated from a seed: letters, forms, invoices and delivery notes in German,",
            "English and French, moved and scaled as printers do, with up to 15 of 100 words misread. `strangers` are generated too, but nobody taught them; some",
            "are another kind of document of a sender that is known. `e-invoices` and `other PDFs` are of the corpora.", "",
            "*right*: the template that it is, or unknown where there is none. *accepted*: without a person. *false accepts*: accepted without a person, and wrong.", "",
            "| documents | samples | recognitions | right | accepted | false accepts |", "|---|---|---|---|---|---|",
        ];
        foreach (var group in trials.GroupBy(t => (t.Set, t.Samples)).OrderBy(g => g.Key.Set, StringComparer.Ordinal).ThenBy(g => g.Key.Samples))
        {
            var (set, samples) = group.Key;
            lines.Add($"| {set} | {samples} | {group.Count()} | {Percent(Right(set, samples))} | {(set is "strangers" or "other PDFs" ? "" : Percent(Accepted(set, samples)))} | {Percent(FalseAccepts(set, samples))} |");
        }

        lines.AddRange(["", "## Of what is said, how much is so", "",
            string.Create(CultureInfo.InvariantCulture, $"Calibration error (mean distance over ten ranges): {CalibrationError:0.000} once fitted to the library's own documents (each half by the other);"),
            string.Create(CultureInfo.InvariantCulture, $"{ShippedError:0.000} as it ships, where up to two samples can't tell a title from a value. Over all trials that had a likeliest template, fitted:"), "",
            "| confidence | recognitions | said on average | right |", "|---|---|---|---|"]);
        foreach (var (from, to) in new[] { (0, 0.2), (0.2, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 0.95), (0.95, 1.01) })
        {
            var said = _own.Where(s => s.Confidence >= from && s.Confidence < to).ToList();
            if (said.Count > 0)
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"| {from:0.00} to {Math.Min(to, 1):0.00} | {said.Count} | {said.Average(s => s.Confidence):0.000} | {said.Count(s => s.IsRight) / (double)said.Count:0.000} |"));
        }

        var wrong = trials.Where(t => !t.IsRight).OrderByDescending(t => t.IsFalseAccept).ThenByDescending(t => t.Outcome.Confidence).ToList();
        lines.AddRange(["", "## Confusions", "", $"{wrong.Count} of {trials.Count}; false accepts first, of the others the surest {MaxListed}.", "", "| document | samples | misread | taken for | confidence | decision |", "|---|---|---|---|---|---|"]);
        lines.AddRange(wrong.Take(Math.Max(MaxListed, wrong.Count(t => t.IsFalseAccept))).Select(t => string.Create(
            CultureInfo.InvariantCulture, $"| {t.Document} | {t.Samples} | {t.Damage:0%} | {t.Found ?? "unknown"} | {t.Outcome.Confidence:0.00} | {t.Outcome.Decision} |")));
        return string.Join('\n', lines) + "\n";
    }

    private IEnumerable<AccuracyTrial> Of(string set, int? samples) => trials.Where(t => t.Set == set && (samples is null || t.Samples == samples));

    private static double Share(IEnumerable<AccuracyTrial> of, Func<AccuracyTrial, bool> that)
    {
        var all = of.ToList();
        return all.Count == 0 ? 0 : (double)all.Count(that) / all.Count;
    }

    private static string Percent(double share) => (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %";
}
