using System.Diagnostics;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Extraction;
using static Dox.TemplateMatching.Tests.TestPage;

namespace Dox.TemplateMatching.Tests.Extraction;

[TestFixture]
public sealed class FieldExtractorTests
{
    private const string Head = """
        id: t
        locale: en-GB
        match: { anchors: [{ text: Invoice, x: 0.1, y: 0.1 }, { text: Total, x: 0.6, y: 0.8 }, { text: Customer, x: 0.1, y: 0.3 }] }
        fields:

        """;

    private static readonly Dox.DocumentReading.PageWord[] Page =
    [
        Word("Invoice", 0.1, 0.1), Word("No:", 0.6, 0.1), Word("A-17", 0.66, 0.1),
        Word("Customer", 0.1, 0.3), Word("Since", 0.5, 0.3), Word("Jo", 0.1, 0.32), Word("Muster", 0.13, 0.32), Word("2019", 0.5, 0.32),
        Word("Net", 0.6, 0.76), Word("100.00", 0.8, 0.76), Word("Tax", 0.6, 0.78), Word("20.00", 0.8, 0.78), Word("Total", 0.6, 0.8), Word("120.00", 0.8, 0.8),
        Word("Pay", 0.1, 0.9), Word("to", 0.14, 0.9), Word("Bank", 0.17, 0.9), Word("of", 0.225, 0.9), Word("Samples", 0.255, 0.9), Word("within", 0.345, 0.9), Word("days", 0.425, 0.9),
    ];

    [TestCase("no: { near: 'No', type: id }", "A-17")]
    [TestCase("customer: { near: Customer, where: below, type: text }", "Jo Muster")]
    [TestCase("since: { near: Since, where: below, type: number }", "2019")]
    [TestCase("bank: { near: Pay to, until: within, type: text }", "Bank of Samples")]
    [TestCase("area: { region: [0.05, 0.31, 0.3, 0.03], type: text }", "Jo Muster")]
    [TestCase("word: { regex: 'A-(?P<value>[0-9]+)', type: text }", null)]
    [TestCase("word: { regex: 'A-(?<value>[0-9]+)', type: text }", "17")]
    [TestCase("word: { regex: 'A-[0-9]+', type: id }", "A-17")]
    [TestCase("later: { near: Total, regex: 'Bank (\\w+)', where: regex, type: text }", "of")]
    [TestCase("total: { near: [Sum, Total], type: money }", "120.00")]
    [TestCase("gone: { near: Discount, type: money }", null)]
    public void A_value_is_read_from_where_its_field_says(string field, string? expected)
    {
        var parsed = Dox.TemplateMatching.Templates.TemplateParser.Parse(Head + "  " + field, "t.yaml");
        var value = parsed.Template is { } template ? Extract(template).Fields.Values.SingleOrDefault()?.Value : null;

        Assert.That(value, Is.EqualTo(expected), string.Join('\n', parsed.Problems));
    }

    [Test]
    public void A_value_ends_where_the_next_label_stands()
    {
        var result = Extract(Template(Head + "  no: { near: Customer, type: text }\n  since: { near: Since, where: below, type: text }"));

        Assert.That(result.Fields, Does.Not.ContainKey("no"), "'Since' is a label, not the customer");
        Assert.That(result.Fields["since"].Value, Is.EqualTo("2019"));
    }

    [Test]
    public void A_region_moves_with_the_page()
    {
        var template = Template(Head + "  area: { region: [0.05, 0.31, 0.3, 0.03], type: text }");
        var moved = Page.Select(w => w with { Box = w.Box with { Y = w.Box.Y - 0.05, X = w.Box.X + 0.04 } });

        Assert.That(FieldExtractor.Extract(template, Words(moved)).Fields["area"].Value, Is.EqualTo("Jo Muster"));
    }

    [Test]
    public void Values_that_add_up_are_believed_and_those_that_do_not_are_doubted()
    {
        const string Fields = """
              net: { near: Net, type: money }
              tax: { near: Tax, type: money }
              total: { near: Total, type: money, check: net + tax == total }
            """;
        var right = Extract(Template(Head + Fields));
        var wrong = FieldExtractor.Extract(Template(Head + Fields), Words(Page.Select(w => w.Text == "20.00" ? w with { Text = "21.00" } : w)));

        Assert.That(right.Fields.Values.Select(f => f.Confidence), Is.All.GreaterThan(0.98));
        Assert.That(wrong.Fields.Values.Select(f => f.Confidence), Is.All.LessThan(0.5));
    }

    [Test]
    public void Required_fields_that_are_missing_are_listed()
    {
        var result = Extract(Template(Head + "  iban: { near: IBAN, type: iban, required: true }\n  total: { near: Total, type: money, required: true }"));

        Assert.That((result.Complete, string.Join(',', result.Missing)), Is.EqualTo((false, "iban")));
    }

    [Test]
    public void An_expression_made_to_explode_is_bounded()
    {
        var template = Template(Head + "  evil: { regex: '^(([a-z])+.)+[A-Z]([a-z])+$', type: text }");
        var words = Enumerable.Range(0, 10_000).Select(i => Word("aaaaaaaaaaaa", i % 10 / 10.0, i / 10 / 1000.0));
        var clock = Stopwatch.StartNew();

        FieldExtractor.Extract(template, Words(words));

        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    private static ExtractionResult Extract(Dox.TemplateMatching.Templates.TemplateDefinition template) => FieldExtractor.Extract(template, Words(Page));
}
