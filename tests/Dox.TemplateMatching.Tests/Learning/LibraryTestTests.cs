using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using static Dox.TemplateMatching.Tests.TestPage;

namespace Dox.TemplateMatching.Tests.Learning;

[TestFixture]
public sealed class LibraryTestTests
{
    private static readonly Thresholds Limits = new TemplateMatchingOptions().Thresholds;
    private static readonly Dictionary<string, string> NoValues = [];

    [Test]
    public void A_library_is_tested_by_samples_that_it_has_forgotten()
    {
        var samples = Samples();
        var report = Run(samples, "harbour", "meadow");

        Assert.That(report.Right, Is.EqualTo(1), string.Join('\n', report.Trials.Select(t => t.Outcome.Explanation)));
        Assert.That(report.Trials.Single(t => t.Sample.Name == "harbour-1").Outcome.Best!.Template.Samples, Is.EqualTo(2), "of three, without itself");
        Assert.That(report.Confusions, Is.EqualTo(new[] { ("harbour", "harbour", 3), ("meadow", "meadow", 3), ((string?)null, (string?)null, 2) }));
    }

    [Test]
    public void A_template_with_a_single_sample_cannot_know_it()
    {
        var report = Run([.. Samples().Where(s => s.Name is "harbour-1" or "meadow-1" or "meadow-2")], "harbour", "meadow");

        Assert.That(report.Trials.Single(t => t.Sample.Name == "harbour-1"), Has.Property("Expected").Null.And.Property("Found").Null);
    }

    [Test]
    public void What_flips_is_listed()
    {
        var samples = Samples();

        var flips = Run(samples, "harbour").Flips(Run(samples, "harbour", "meadow"));

        Assert.That(flips.Select(f => (f.After.Sample.TemplateId, f.Before.Found, f.After.Found)).Distinct(), Is.EqualTo(new[] { ("meadow", "meadow", (string?)null) }));
    }

    [Test]
    public void Confirmed_values_that_are_read_otherwise_are_named()
    {
        var sample = Samples()[0];
        var template = Template("""
            id: harbour
            match: { anchors: [{ text: hinvoice }, { text: hnumber }, { text: hdate }] }
            fields: { number: { near: hnumber, type: id } }
            """);
        var report = LibraryTest.Run(Set(template), new Dictionary<string, LearnedLayout>(StringComparer.Ordinal),
            [sample with { Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["number"] = "V1-1", ["total"] = "1.00" } }], Limits, 20);

        Assert.That(report.Trials[0].WrongFields, Is.EqualTo(new[] { "total" }));
    }

    [Test]
    public void Confidence_follows_what_was_right()
    {
        var features = new MatchFeatures(0.6, 40, 1, 0.4, 0);
        var right = Enumerable.Repeat((features, true), 400);

        var half = Calibration.Fit([.. right.Take(200), .. Enumerable.Repeat((features, false), 200)], Calibration.Shipped);
        var most = Calibration.Fit([.. right.Take(340), .. Enumerable.Repeat((features, false), 60)], Calibration.Shipped);

        Assert.That(half.Confidence(features), Is.EqualTo(0.5).Within(0.02));
        Assert.That(most.Confidence(features), Is.EqualTo(0.85).Within(0.02));
    }

    [Test]
    public void Three_alike_of_the_unknown_pile_propose_a_template()
    {
        var pile = new[] { Letter("h", 1), Letter("m", 1), Letter("h", 2), Words(Word("alone", 0.5, 0.5)), Letter("h", 3), Letter("m", 2) };

        var proposed = UnknownPile.Cluster(pile, TokenRarity.Of([]));

        Assert.That(proposed.Select(p => p.Members), Is.EqualTo(new[] { new[] { 0, 2, 4 } }), "two of a kind aren't enough");
        Assert.That(Matcher.Match(Letter("h", 9), Set(proposed[0].Draft), Limits, 20).Best?.Template.Id, Is.EqualTo(proposed[0].Draft.Id));
    }

    private static LibraryReport Run(IReadOnlyList<StoredSample> samples, params string[] templates)
    {
        var learned = templates.ToDictionary(t => t, t => LearnedLayout.Of(samples.Where(s => s.TemplateId == t).Select(s => s.Words)), StringComparer.Ordinal);
        var library = Set([.. learned.Select(l => TemplateDrafter.Of(l.Value, new(l.Key, l.Key, l.Key), TokenRarity.Of([]))!)]);
        return LibraryTest.Run(library, learned, samples, Limits, 20);
    }

    private static List<StoredSample> Samples() =>
    [
        .. Enumerable.Range(1, 3).Select(i => new StoredSample($"harbour-{i}", "harbour", Letter("h", i), NoValues)),
        .. Enumerable.Range(1, 3).Select(i => new StoredSample($"meadow-{i}", "meadow", Letter("m", i), NoValues)),
        .. Enumerable.Range(1, 2).Select(i => new StoredSample($"stranger-{i}", null, Letter($"s{(char)('a' + i)}", i), NoValues)),
    ];

    private static DocumentWords Letter(string sender, int number) => Words(
        "invoice number date customer contract total net tax terms bank office phone contact project period".Split(' ')
            .SelectMany((label, i) => new[] { Word(sender + label, 0.1 + 0.4 * (i % 2), 0.1 + 0.05 * i), Word($"V{i}-{number}", 0.75, 0.1 + 0.05 * i) }));
}
