using CsCheck;
using Dox.DocumentReading;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using static Dox.TemplateMatching.Tests.TestPage;

namespace Dox.TemplateMatching.Tests.Learning;

[TestFixture]
public sealed class LearnedLayoutTests
{
    private static readonly string[] Vocabulary = ["Invoice", "number:", "Date", "Total", "EUR", "Harbour", "12,50", "2026-03-01", "AB-12", "·", "Größe", "مرحبا"];

    private static readonly Gen<DocumentWords> Sample = Gen
        .Select(Gen.Int[0, Vocabulary.Length - 1], Gen.Double[-0.1, 1.1], Gen.Double[-0.1, 1.1])
        .Select((word, x, y) => Word(Vocabulary[word], x, y)).List[0, 30]
        .Select(Gen.Int[1, 4], (words, pages) => DocumentWords.Of(Text(words, pages) with { Fields = [new($"field{words.Count}", "text", null, 1, new(0.1, 0.1, 0.2, 0.02))] }));

    [Test]
    public void Taking_a_sample_away_is_never_having_learned_it() => Sample.List[1, 5].Select(Gen.Int[0, 4]).Sample((samples, which) =>
    {
        var gone = samples[which % samples.Count];
        var learned = LearnedLayout.FromJson(LearnedLayout.Of(samples).ToJson());
        learned.Remove(gone);

        return learned.ToJson() == LearnedLayout.Of(samples.Where(s => s != gone)).ToJson();
    });

    [Test]
    public void The_order_of_samples_changes_nothing() => Sample.List[2, 5].Sample(samples =>
        LearnedLayout.Of(samples).ToJson() == LearnedLayout.Of(Enumerable.Reverse(samples)).ToJson());

    [Test]
    public void What_was_learned_is_written_and_read_back_as_the_same_template() => Sample.List[1, 4].Sample(samples =>
    {
        if (Draft(samples) is not { } template) return true;
        var yaml = TemplateWriter.Write(template);
        var parsed = TemplateParser.Parse(yaml, template.Source);
        return parsed.Template is { } read ? TemplateWriter.Write(read) == yaml : throw new AssertionException(string.Join('\n', parsed.Problems) + yaml);
    });

    [Test]
    public void A_sample_that_was_never_learned_cannot_be_taken_away()
    {
        var learned = LearnedLayout.Of(Invoice("AB-1", "2026-01-05", "12,50", "Müller"));
        var before = learned.ToJson();

        Assert.That(() => learned.Remove(Words(Word("Stranger", 0.5, 0.5))), Throws.InvalidOperationException);
        Assert.That(learned.ToJson(), Is.EqualTo(before));
    }

    [Test]
    public void Anchors_are_what_samples_share_and_fields_what_differs()
    {
        var template = Draft([Invoice("AB-1", "2026-01-05", "12,50", "Müller"), Invoice("AB-2", "2026-02-06", "1.300,00", "Schmidt")])!;

        Assert.That(template.Match.Anchors.Select(a => a.Text.Text), Is.EqualTo(new[] { "Rechnung", "Nummer", "Datum", "Kunde", "Gesamtbetrag", "EUR" }));
        Assert.That(template.Match.Anchors.Single(a => a.Title).Text.Text, Is.EqualTo("Rechnung"));
        Assert.That(template.Fields.Select(f => (f.Name, f.Type, f.Where)), Is.EqualTo(new[]
        {
            ("rechnung_nummer", FieldType.Id, FieldPlace.Right), ("datum", FieldType.Date, FieldPlace.Right),
            ("kunde", FieldType.Text, FieldPlace.Below), ("gesamtbetrag_eur", FieldType.Money, FieldPlace.Right),
        }));
        Assert.That((template.Locale, template.Samples), Is.EqualTo(("de-DE", 2)));
    }

    [Test]
    public void One_sample_proposes_its_values_with_digits()
    {
        var template = Draft([Invoice("AB-1", "2026-01-05", "12,50", "Müller")])!;

        Assert.That(template.Fields.Select(f => f.Type), Is.EqualTo(new[] { FieldType.Id, FieldType.Date, FieldType.Money }));
        Assert.That(template.Match.Anchors.Select(a => a.Text.Text), Does.Contain("Müller"), "it can't be told from a label yet");
    }

    [Test]
    public void A_word_on_two_of_three_samples_is_an_anchor_that_weighs_less()
    {
        var samples = new[] { Invoice("A1", "2026-01-05", "1,50", "Müller"), Invoice("A2", "2026-01-06", "2,50", "Müller"), Invoice("A3", "2026-01-07", "3,50", "Schmidt") };

        var anchors = Draft(samples)!.Match.Anchors.ToDictionary(a => a.Text.Text, a => a.Weight, StringComparer.Ordinal);

        Assert.That(anchors["Müller"], Is.LessThan(anchors["Kunde"] * 1.1));
        Assert.That(anchors, Does.Not.ContainKey("Schmidt"));
    }

    [Test]
    public void A_word_that_few_templates_have_says_more()
    {
        var rarity = TokenRarity.Of(Enumerable.Range(0, 10).Select(i => Template($"id: t{i}\nmatch: {{ anchors: [{{ text: common }}, {{ text: other{(char)('a' + i)} }}, {{ text: third }}] }}")));

        Assert.That(rarity.WeightOf("harbour"), Is.GreaterThan(2 * rarity.WeightOf("common")));
    }

    [Test]
    public void A_form_is_told_by_its_fields()
    {
        var form = Invoice("A1", "2026-01-05", "1,50", "Müller", [new("surname", "text", "Müller", 1, new(0.2, 0.3, 0.2, 0.02)), new("loose", "text", null, null, null)]);

        var template = Draft([form])!;

        Assert.That(template.Match.Form, Is.EqualTo(new[] { new FormAnchor("loose", "text"), new FormAnchor("surname", "text", 1, 0.2, 0.31) }));
        Assert.That(Draft([Words(Word("alone", 0.1, 0.1))]), Is.Null, "too little to go by");
    }

    private static TemplateDefinition? Draft(IEnumerable<DocumentWords> samples) =>
        TemplateDrafter.Of(LearnedLayout.Of(samples), new("learned.invoice", "Learned: \"quoted\"", "learned"), TokenRarity.Of([]));

    private static DocumentWords Invoice(string number, string date, string amount, string customer, IReadOnlyList<FormField>? fields = null)
    {
        PageWord[] words =
        [
            new PageWord("Rechnung", new PageBox(0.1, 0.09, 0.2, 0.02)),
            Word("Nummer:", 0.31, 0.1), Word(number, 0.42, 0.1), Word("Datum", 0.6, 0.2), Word(date, 0.7, 0.2), Word("Kunde", 0.1, 0.3), Word(customer, 0.1, 0.315),
            Word("Gesamtbetrag", 0.1, 0.8), Word("EUR", 0.25, 0.8), Word(amount, 0.5, 0.8),
        ];
        return DocumentWords.Of(Text(words) with { Fields = fields ?? [] });
    }
}
