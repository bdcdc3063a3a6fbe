using CsCheck;
using Dox.DocumentReading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using static Dox.TemplateMatching.Tests.TestPage;

namespace Dox.TemplateMatching.Tests.Matching;

/// <summary>What looks like a known document and isn't, or is and doesn't look like it.</summary>
[TestFixture]
public sealed class HardNegativeTests
{
    private const string Labels = "Customer|Contract|Period|Reference|Contact|Department|Telephone|Project|Delivery|Terms|Amount|Currency|Discount|Shipping|Directors|Registered|Office|Bank";
    private static readonly Thresholds Limits = new TemplateMatchingOptions().Thresholds;

    [Test]
    public void An_evident_member_is_accepted_after_one_sample()
    {
        var outcome = Match(Page("Invoice", 2), Learn("invoice", 1, Page("Invoice", 1)));

        Assert.That((outcome.Decision, outcome.Best?.Template.Id), Is.EqualTo((RecognitionDecision.AutoAccepted, "invoice")), outcome.Explanation);
    }

    [Test]
    public void A_credit_note_is_no_invoice_of_the_same_sender([Values(1, 2, 3)] int samples)
    {
        var invoice = Learn("invoice", 1, [.. Enumerable.Range(1, samples).Select(i => Page("Invoice", i))]);
        var credit = Learn("credit", 1, [.. Enumerable.Range(1, samples).Select(i => Page("Gutschrift", i))]);

        var alone = Match(Page("Gutschrift", 9), invoice);
        var both = Match(Page("Gutschrift", 9), invoice, credit);

        Assert.That(alone.Decision, Is.Not.EqualTo(RecognitionDecision.AutoAccepted));
        Assert.That(alone.Explanation, Does.Contain("where its title says 'Invoice', the document says 'Gutschrift'"));
        Assert.That((both.Decision, both.Likeliest), Is.AnyOf((RecognitionDecision.AutoAccepted, "credit"), (RecognitionDecision.Ambiguous, "credit")));
    }

    [Test]
    public void Of_two_versions_the_one_that_fits_is_meant_and_of_equals_the_newest()
    {
        var old = Learn("form.v1", 1, Page("Form", 1, "Fax"), Page("Form", 2, "Fax")) with { Family = "form" };
        var renewed = Learn("form.v2", 2, Page("Form", 1, "Email", "Mobile", "Website"), Page("Form", 2, "Email", "Mobile", "Website")) with { Family = "form" };

        Assert.That(Match(Page("Form", 5, "Email", "Mobile", "Website"), old, renewed).Best?.Template.Id, Is.EqualTo("form.v2"));
        Assert.That(Match(Page("Form", 5), old, old with { Id = "form.v3", Version = 3 }).Best?.Template.Id, Is.EqualTo("form.v3"));
    }

    [Test]
    public void An_empty_form_and_a_filled_one_are_the_same_form()
    {
        var filled = Learn("form", 1, Page("Form", 1), Page("Form", 2), Page("Form", 3));

        var outcome = Match(DocumentWords.Of(Text(Words("Form"))), filled);

        Assert.That((outcome.Decision, outcome.Best?.Template.Id), Is.EqualTo((RecognitionDecision.AutoAccepted, "form")), outcome.Explanation);
    }

    [Test]
    public void Swapped_pages_are_not_accepted_and_two_forms_in_one_file_are_told_by_the_first()
    {
        var (front, back) = (Words("Form").ToList(), Enumerable.Range(0, 18).Select(i => Word($"Clause{(char)('a' + i)}", 0.1, 0.1 + 0.04 * i)).ToList());
        var form = Learn("form", 1, Pages(front, back), Pages(front, back));

        Assert.That(Match(Pages(back, front), form).Decision, Is.Not.EqualTo(RecognitionDecision.AutoAccepted));
        Assert.That(Match(Pages(front, back, front, back), form).Best?.Template.Id, Is.EqualTo("form"));
    }

    [Test]
    public void A_page_that_lies_on_its_head_is_not_accepted_and_says_what_is_missing()
    {
        var turned = Words("Form").Select(w => w with { Box = new(1 - w.Box.X - w.Box.W, 1 - w.Box.Y - w.Box.H, w.Box.W, w.Box.H) });

        var outcome = Match(DocumentWords.Of(Text(turned)), Learn("form", 1, Page("Form", 1), Page("Form", 2)));

        Assert.That(outcome.Decision, Is.Not.EqualTo(RecognitionDecision.AutoAccepted));
        Assert.That(outcome.Candidates[0].Reason, Does.Contain("elsewhere on the page"));
    }

    [Test]
    public void A_page_that_was_scaled_and_moved_is_the_same_page() => Gen.Select(Gen.Double[-0.05, 0.05], Gen.Double[0.94, 1.06]).Sample((move, scale) =>
    {
        var form = Learn("form", 1, Page("Form", 1), Page("Form", 2));
        var printed = Words("Form").Select(w => w with { Box = new(0.5 + (w.Box.X - 0.5) * scale + move, 0.5 + (w.Box.Y - 0.5) * scale + move, w.Box.W, w.Box.H) });
        return Match(DocumentWords.Of(Text(printed)), form).Decision == RecognitionDecision.AutoAccepted;
    }, iter: 50);

    [Test]
    public void Text_from_right_to_left_is_learned_and_recognised()
    {
        string[] words = ["فاتورة", "التاريخ", "العميل", "المبلغ", "الرقم", "العنوان", "الهاتف", "البنك", "الشركة", "المجموع", "الضريبة", "الدفع"];
        var page = DocumentWords.Of(Text(words.Select((w, i) => Word(w, 0.8, 0.1 + 0.06 * i))));

        Assert.That(Match(page, Learn("arabic", 1, page)).Decision, Is.EqualTo(RecognitionDecision.AutoAccepted));
    }

    [Test]
    public void A_page_without_text_teaches_nothing_and_is_unknown()
    {
        var empty = DocumentWords.Of(Text([]));

        Assert.That(TemplateDrafter.Of(LearnedLayout.Of(empty), new("x", "x", "x"), TokenRarity.Of([])), Is.Null);
        Assert.That(Match(empty, Learn("form", 1, Page("Form", 1))).Decision, Is.EqualTo(RecognitionDecision.Unknown));
    }

    [Test]
    public void A_hundred_thousand_words_on_a_page_teach_a_bounded_template()
    {
        var page = DocumentWords.Of(Text(Enumerable.Range(0, 100_000).Select(i => Word($"w{(char)('a' + i % 26)}{(char)('a' + i / 26 % 26)}{(char)('a' + i / 676 % 26)}", i % 100 / 100.0, i / 100 / 1000.0))));

        var learned = LearnedLayout.Of(page);

        Assert.That(learned.Tokens, Has.Count.LessThanOrEqualTo(4_000));
        Assert.That(Match(page, TemplateDrafter.Of(learned, new("x", "x", "x"), TokenRarity.Of([]))!).Candidates[0].AnchorsTotal, Is.LessThanOrEqualTo(160));
    }

    private static TemplateDefinition Learn(string id, int version, params DocumentWords[] samples) =>
        TemplateDrafter.Of(LearnedLayout.Of(samples), new(id, id, id, version), TokenRarity.Of([]))!;

    private static MatchOutcome Match(DocumentWords document, params TemplateDefinition[] templates) => Matcher.Match(document, Set(templates), Limits, 20);

    private static DocumentWords Page(string title, int number, params string[] more) => DocumentWords.Of(Text([.. Words(title, more), .. Values(number)]));

    private static DocumentWords Pages(params IReadOnlyList<PageWord>[] pages) => DocumentWords.Of(Text([], pages.Length) with
    {
        Pages = [.. pages.Select((words, i) => new PageText { Number = i + 1, Width = 595, Height = 842, HasText = true, Words = words })],
    });

    private static IEnumerable<PageWord> Words(string title, params string[] more) =>
    [
        new(title, new PageBox(0.1, 0.09, 0.2, 0.02)),
        .. Labels.Split('|').Concat(more).Select((label, i) => Word(label, i % 2 == 0 ? 0.1 : 0.55, 0.15 + 0.035 * i)),
    ];

    private static IEnumerable<PageWord> Values(int number) =>
        Enumerable.Range(0, 9).Select(i => Word($"value{(char)('a' + (number * 7 + i) % 26)}{(char)('a' + number % 26)}", 0.32, 0.15 + 0.07 * i));
}
