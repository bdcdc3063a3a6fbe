using Dox.DocumentReading;
using Dox.TemplateMatching;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.Benchmarks.Accuracy;

/// <summary>A document, recognised by a library that never saw it.</summary>
/// <param name="Set">What it is of: <c>layouts</c>, <c>e-invoices</c>, <c>strangers</c> (layouts that nobody taught) or <c>other PDFs</c>.</param>
/// <param name="Document">Which.</param>
/// <param name="Samples">That each template was learned from.</param>
/// <param name="Expected">Its template; null for none.</param>
/// <param name="Damage">Share of its words that were misread.</param>
/// <param name="Outcome">What matching came to.</param>
internal sealed record AccuracyTrial(string Set, string Document, int Samples, string? Expected, double Damage, MatchOutcome Outcome)
{
    public string? Found => Outcome.Best?.Template.Id;

    public bool IsRight => Found == Expected;

    public bool IsFalseAccept => Outcome.Decision == RecognitionDecision.AutoAccepted && !IsRight;
}

/// <summary>Learns a library from a few samples each, and asks it about documents that it never saw.</summary>
internal static class AccuracyTrials
{
    private const int Members = 6;
    private const int FirstUnseen = 100;
    private const string EInvoices = "e-invoices";

    // The damage of the members, in turn: print, clean scans, and scans that hardly can be read.
    private static readonly double[] Damages = [0, 0, 0.02, 0.05, 0.1, 0.15];
    private static readonly TemplateMatchingOptions Options = new();

    /// <param name="seed">Of the layouts.</param>
    /// <param name="senders">How many senders of layouts.</param>
    /// <param name="corpora">Documents of many kinds by file; the folder <c>e-invoices</c> is one layout. Empty: generated layouts alone.</param>
    /// <param name="calibration">What scores are worth.</param>
    public static IEnumerable<AccuracyTrial> Run(int seed, int senders, IReadOnlyList<(string Folder, string File, DocumentText Text)> corpora, Calibration calibration)
    {
        var layouts = GeneratedLayout.Draw(seed, senders);
        // Every fifth stays unknown: half of those are twins of a layout that is known.
        var known = layouts.Where((l, i) => i % 5 != 1 && i % 10 != 3).ToList();
        var strangers = layouts.Except(known).ToList();
        var invoices = corpora.Where(c => c.Folder == EInvoices).Select(c => (c.File, Words: DocumentWords.Of(c.Text))).ToList();
        var others = corpora.Where(c => c.Folder != EInvoices && c.Text.HasText).Select(c => (c.File, Words: DocumentWords.Of(c.Text))).ToList();
        for (var samples = 1; samples <= 3; samples++)
        {
            var learned = known.ToDictionary(l => l.Id, l => LearnedLayout.Of(Enumerable.Range(0, samples).Select(m => DocumentWords.Of(l.Member(m, 0)))), StringComparer.Ordinal);
            var library = Library(learned, calibration);
            foreach (var layout in layouts)
            {
                for (var m = 0; m < Members; m++)
                {
                    var outcome = Match(DocumentWords.Of(layout.Member(FirstUnseen + m, Damages[m])), library);
                    yield return new(
                        known.Contains(layout) ? "layouts" : "strangers", $"{layout.Id} ({layout.Language}, {layout.Kind})", samples, known.Contains(layout) ? layout.Id : null, Damages[m], outcome);
                }
            }

            // Each of them taught once, in folds: what it is asked about is never among the samples.
            for (var first = 0; first + samples <= invoices.Count; first += 3)
            {
                var taught = invoices.GetRange(first, samples);
                learned[EInvoices] = LearnedLayout.Of(taught.Select(i => i.Words));
                var fold = Library(learned, calibration);
                foreach (var (file, words) in invoices.Except(taught)) yield return new(EInvoices, file, samples, EInvoices, 0, Match(words, fold));
                if (first > 0) continue;
                foreach (var (file, words) in others) yield return new("other PDFs", file, samples, null, 0, Match(words, fold));
            }
        }
    }

    private static MatchOutcome Match(DocumentWords words, TemplateSet library) => Matcher.Match(words, library, Options.Thresholds, Options.MaxScored);

    // Twice: weights are by rarity over the library, which is known once all are drafted.
    private static TemplateSet Library(Dictionary<string, LearnedLayout> learned, Calibration calibration)
    {
        List<TemplateDefinition> Draft(TokenRarity rarity) => [.. learned.Select(l => TemplateDrafter.Of(l.Value, new(l.Key, l.Key, l.Key), rarity)).OfType<TemplateDefinition>()];
        return new(Draft(TokenRarity.Of(Draft(TokenRarity.Of([])))), [], calibration);
    }
}
