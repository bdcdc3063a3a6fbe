using System.CommandLine;
using System.Diagnostics;
using Dox.Benchmarks.Accuracy;
using Dox.TemplateMatching;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.Benchmarks.Matching;

/// <summary><c>match</c>: a page's words against a thousand templates, beside scoring each of them.</summary>
internal static class MatchBenchmark
{
    private const int Senders = 800; // a fourth of them has a second kind of document
    private const int Documents = 200;
    private const int Naive = 20;
    private static readonly TemplateMatchingOptions Options = new();

    public static Command Command(RunOptions run) => run.Command(
        "match", "a page's words against 1,000 templates", result => Task.FromResult(Measure(result.GetValue(run.Rounds))));

    private static IReadOnlyList<Figure> Measure(int rounds)
    {
        var layouts = GeneratedLayout.Draw(7, Senders);
        var learned = layouts.Select(l => (l.Id, Layout: LearnedLayout.Of(DocumentWords.Of(l.Member(0, 0))))).ToList();
        var rarity = TokenRarity.Of(learned.Select(l => TemplateDrafter.Of(l.Layout, new(l.Id, l.Id, l.Id), TokenRarity.Of([]))!));
        var library = new TemplateSet([.. learned.Select(l => TemplateDrafter.Of(l.Layout, new(l.Id, l.Id, l.Id), rarity)!)], []);
        var texts = Enumerable.Range(0, Documents).Select(i => layouts[i * layouts.Count / Documents].Member(100, 0.02)).ToList();
        List<double> medians = [], slowest = [], naive = [];
        for (var round = 0; round <= rounds; round++)
        {
            var times = new List<double>();
            foreach (var text in texts) times.Add(Milliseconds(() => Matcher.Match(DocumentWords.Of(text), library, Options.Thresholds, Options.MaxScored)));
            var all = texts.Take(Naive).Select(t => Milliseconds(() =>
            {
                var words = DocumentWords.Of(t);
                foreach (var template in library.Templates) TemplateScore.Of(template, words, Options.TextShare);
            })).ToList();
            if (round == 0) continue; // warm-up
            times.Sort();
            medians.Add(times[times.Count / 2]);
            slowest.Add(times[times.Count * 99 / 100]);
            naive.Add(Figure.Median(all));
        }

        var of = $"{library.Templates.Count:#,0} templates; scoring every one takes {Figure.Number(Figure.Median(naive))} ms";
        return [new("p50", Figure.Median(medians), 3, 1, "ms") { Of = of }, new("p99", Figure.Median(slowest), 20, 5, "ms") { Of = of }];
    }

    private static double Milliseconds(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
