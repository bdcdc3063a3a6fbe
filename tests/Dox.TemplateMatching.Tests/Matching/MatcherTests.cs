using System.Diagnostics;
using CsCheck;
using Dox.DocumentReading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using static Dox.TemplateMatching.Tests.TestPage;

namespace Dox.TemplateMatching.Tests.Matching;

[TestFixture]
public sealed class MatcherTests
{
    private static readonly string[] SomeWords = ["application", "form", "surname", "address", "signature", "x"];

    private static readonly Thresholds Limits = new TemplateMatchingOptions().Thresholds;

    private static readonly TemplateDefinition Form = Template("""
        id: form.v1
        family: form
        version: 1
        match:
          require: [Application]
          forbid: [Cancellation]
          pages: 1
          anchors:
            - { text: Application form, x: 0.2, y: 0.2, weight: 3 }
            - { text: Surname, x: 0.2, y: 0.3 }
            - { text: Birthday, x: 0.5, y: 0.3 }
            - { text: Address, x: 0.2, y: 0.4 }
            - { text: Signature, x: 0.2, y: 0.7, weight: 2 }
        """);

    private static readonly PageWord[] Instance =
    [
        Word("Application", 0.2, 0.2), Word("form", 0.337, 0.2), Word("Surname", 0.2, 0.3), Word("Birthday", 0.5, 0.3), Word("Address", 0.2, 0.4),
        Word("Signature", 0.2, 0.7), Word("Muster", 0.32, 0.3), Word("2001-02-03", 0.62, 0.3),
    ];

    [Test]
    public void An_instance_is_accepted_with_all_anchors()
    {
        var outcome = Match(Instance);

        Assert.That((outcome.Decision, outcome.Confidence), Is.EqualTo((RecognitionDecision.AutoAccepted, 1.0)));
        Assert.That(outcome.Candidates[0], Has.Property("AnchorsFound").EqualTo(5).And.Property("AnchorsTotal").EqualTo(5));
        Assert.That(outcome.Explanation, Does.Contain("5 of 5 anchors"));
    }

    [Test]
    public void Moving_the_page_changes_nothing() => Gen.Select(Gen.Double[-0.15, 0.15], Gen.Double[-0.15, 0.15]).Sample((x, y) =>
    {
        var outcome = Match(Instance.Select(w => w with { Box = w.Box with { X = w.Box.X + x, Y = w.Box.Y + y } }));
        return outcome.Decision == RecognitionDecision.AutoAccepted && outcome.Confidence == 1;
    });

    [Test]
    public void The_order_of_words_changes_nothing() => Gen.Shuffle(Instance).Sample(words =>
        Match(words) is { Decision: RecognitionDecision.AutoAccepted, Confidence: 1 });

    [Test]
    public void A_score_lies_between_nothing_and_all() => Gen
        .Select(Gen.Int[0, SomeWords.Length - 1].Select(i => SomeWords[i]), Gen.Double[-1, 2], Gen.Double[-1, 2])
        .List[0, 40]
        .Sample(words =>
        {
            var score = TemplateScore.Of(Form, Words(words.Select(w => Word(w.Item1, w.Item2, w.Item3))), Limits.TextShare);
            return score.Score is >= 0 and <= 1 && double.IsFinite(score.Score);
        });

    [Test]
    public void The_same_words_elsewhere_are_not_the_form()
    {
        var scattered = Instance.Select((w, i) => w with { Box = w.Box with { Y = 0.9 - 0.1 * i, X = 0.1 + 0.07 * i } });

        Assert.That(Match(scattered).Decision, Is.Not.EqualTo(RecognitionDecision.AutoAccepted));
    }

    [Test]
    public void A_near_miss_is_for_a_person_and_says_what_is_missing()
    {
        var outcome = Match(Instance.Where(w => w.Text is not ("Signature" or "Birthday")));

        Assert.That(outcome.Decision, Is.EqualTo(RecognitionDecision.HumanReview));
        Assert.That(outcome.Confidence, Is.EqualTo(0.625).Within(1e-4));
        Assert.That(outcome.Explanation, Does.Contain("Missing: 'Signature', 'Birthday'"));
    }

    [Test]
    public void A_poor_match_is_for_manual_selection_and_a_stranger_is_unknown()
    {
        var poor = Match([.. Instance.Where(w => w.Text is "Surname" or "Birthday" or "Address"), Word("Application", 0.8, 0.9)]);
        var stranger = Match(Word("Completely", 0.2, 0.2), Word("different", 0.2, 0.3));

        Assert.That(poor.Decision, Is.EqualTo(RecognitionDecision.ManualSelection));
        Assert.That((stranger.Decision, stranger.Confidence, stranger.Best), Is.EqualTo((RecognitionDecision.Unknown, 0.0, (TemplateScore?)null)));
    }

    [Test]
    public void What_a_template_forbids_or_lacks_excludes_it_and_is_said()
    {
        var forbidden = Match([.. Instance, Word("Cancellation", 0.2, 0.8)]);
        var pages = Matcher.Match(DocumentWords.Of(Text(Instance, pages: 4)), Set(Form), Limits, 20);

        Assert.That(forbidden.Decision, Is.EqualTo(RecognitionDecision.Unknown));
        Assert.That(forbidden.Explanation, Does.Contain("would fit at 1.00").And.Contain("forbids 'Cancellation'"));
        Assert.That(forbidden.Candidates[0].Score, Is.Zero);
        Assert.That(pages.Explanation, Does.Contain("1 pages, the document 4"));
    }

    [Test]
    public void Two_families_that_fit_alike_are_ambiguous_and_two_versions_are_not()
    {
        var other = Form with { Id = "other", Family = "other" };
        var newer = Form with { Id = "form.v2", Version = 2 };

        Assert.That(Matcher.Match(Words(Instance), Set(Form, other), Limits, 20).Decision, Is.EqualTo(RecognitionDecision.Ambiguous));
        var versions = Matcher.Match(Words(Instance), Set(Form, newer), Limits, 20);
        Assert.That((versions.Decision, versions.Best!.Template.Id), Is.EqualTo((RecognitionDecision.AutoAccepted, "form.v2")));
    }

    [Test]
    public void Form_fields_count_for_their_share()
    {
        var form = Form with { Match = Form.Match with { Form = [new("surname", "text"), new("married", "checkbox")] } };
        var fields = new FormField[] { new("surname", "text", null, 1, null), new("married", "radio", null, 1, null) };

        Assert.That(TemplateScore.Of(form, DocumentWords.Of(Text(Instance) with { Fields = fields }), 0.7).Score, Is.EqualTo(0.7 + 0.3 * 0.75).Within(1e-4));
        Assert.That(TemplateScore.Of(form, Words(Instance), 0.7).Score, Is.EqualTo(0.7).Within(1e-4));
    }

    [Test]
    public void Words_are_compared_without_case_diacritics_ligatures_and_edges()
    {
        Assert.That(TextFolding.Token("„Gebühr:“"), Is.EqualTo("gebuhr"));
        Assert.That(TextFolding.Token("Oﬃce"), Is.EqualTo("office"));
        Assert.That(TextFolding.Token("Größe"), Is.EqualTo(TextFolding.Token("GRÖSSE")));
        Assert.That(TextFolding.Token("Bu\u0308ro"), Is.EqualTo(TextFolding.Token("Büro")));
        Assert.That(TextFolding.Token("ＲＥ－２０２６"), Is.EqualTo("re-0000"));
        Assert.That(TextFolding.Token("·"), Is.Empty);
    }

    [Test]
    public void A_hostile_page_is_bounded()
    {
        // The same word ten thousand times over, at the same place and elsewhere, against a template made of it
        var anchors = string.Join('\n', Enumerable.Range(0, 1_000).Select(i => $"    - {{ text: {(i % 2 == 0 ? "a a" : "a")}, x: 0.{i % 10}, y: 0.{i % 7} }}"));
        var template = Template($"id: hostile\nmatch:\n  anchors:\n{anchors}");
        var words = Enumerable.Range(0, 10_000).Select(i => Word("a", i % 100 / 100.0, i / 100 / 100.0));
        var clock = Stopwatch.StartNew();

        var outcome = Matcher.Match(Words(words), Set([.. Enumerable.Range(0, 20).Select(i => template with { Id = $"h{i}" })]), Limits, 20);

        Assert.That(outcome.Confidence, Is.InRange(0, 1));
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(30)));
    }

    private static MatchOutcome Match(params IEnumerable<PageWord> words) => Matcher.Match(Words(words), Set(Form), Limits, 20);
}
