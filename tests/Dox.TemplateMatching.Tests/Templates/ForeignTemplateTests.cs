using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using Dox.TemplateMatching.Templates.Import;

namespace Dox.TemplateMatching.Tests.Templates;

/// <summary>Invoice templates in the dialect of another tool, written here.</summary>
[TestFixture]
public sealed class ForeignTemplateTests
{
    private const string Invoice = """
        issuer: Muster Bau
        keywords: [Muster Bau, 'Rechnung\s', '€']
        exclude_keywords: [Gutschrift]
        priority: 7
        fields:
          invoice_number: Rechnung\s+(?P<number>R-\d+)
          date: 'vom\s+(\d{1,2}\. \w+ \d{4})'
          amount: 'Summe\s+(\d{,3}[.]?\d+,\d{2})'
          static_vat: DE123456788
          amount_tax: { parser: regex, regex: '19 %\s+(\d+,\d{2})', type: float, group: sum }
          paid_by: [ (PayPal), (Kreditkarte) ]
          ref: { parser: regex, regex: '(?P<a>A)(?P=a)-\d', group: first }
        lines:
          start: Pos
          end: Summe
          first_line: '^\s*(?P<pos>\d+)\s+(?P<qty>\d+)\s+(?P<name>.+?)\s+(?P<price>\d+,\d{2})$'
          line: '^\s+(?P<name>\D+)$'
          types: { qty: int, price: float }
        tables:
          - { start: Kunde, end: Pos, body: '(?P<customer>K\d+)\s+(?P<date_due>\d{2}\.\d{2}\.\d{4})' }
        options: { currency: EUR, decimal_separator: ',', languages: [de], replace: [['Re\.(\d)', 'R-\1']] }
        """;

    private static readonly DocumentWords Page = TestPage.Words(Lines(
        (0.1, "Muster", 0.1), (0.1, "Bau", 0.18),
        (0.12, "Rechnung", 0.1), (0.12, "Re.4711", 0.3), (0.12, "vom", 0.5), (0.12, "3.", 0.56), (0.12, "März", 0.59), (0.12, "2026", 0.645),
        (0.14, "Kunde", 0.1), (0.14, "Fällig", 0.3),
        (0.16, "K77", 0.1), (0.16, "02.04.2026", 0.3),
        (0.18, "Pos", 0.1),
        (0.2, "1", 0.1), (0.2, "2", 0.2), (0.2, "Ziegel", 0.3), (0.2, "1,50", 0.6),
        (0.22, "rot", 0.3),
        (0.24, "2", 0.1), (0.24, "10", 0.2), (0.24, "Mörtel", 0.3), (0.24, "12,00", 0.6),
        (0.26, "19", 0.3), (0.26, "%", 0.33), (0.26, "1,00", 0.6),
        (0.28, "19", 0.3), (0.28, "%", 0.33), (0.28, "2,50", 0.6),
        (0.3, "Summe", 0.1), (0.3, "1.123,00", 0.6), (0.3, "€", 0.75), (0.3, "PayPal", 0.8), (0.32, "Kreditkarte", 0.8)));

    [Test]
    public void A_foreign_template_becomes_a_definition_that_reads_the_same_from_its_file()
    {
        var imported = ForeignTemplate.Import(Invoice, "de.Muster Bau", "muster.yml");

        Assert.That(imported.Problems, Is.Empty);
        Assert.That(imported.Template!.Id, Is.EqualTo("de.muster-bau"));
        var again = TemplateParser.Parse(imported.Yaml!, "muster.yaml");
        Assert.That(again.Problems, Is.Empty);
        Assert.That(again.Template!.Fields.Select(f => f.Name), Is.EqualTo(imported.Template.Fields.Select(f => f.Name)));
        var written = TemplateParser.Parse(TemplateWriter.Write(imported.Template), "written.yaml");
        Assert.That(written.Problems, Is.Empty);
        Assert.That(
            Values(FieldExtractor.Extract(written.Template!, Page)), Is.EqualTo(Values(FieldExtractor.Extract(imported.Template, Page))), "a definition that is written keeps all of it");
        Assert.That(again.Template.Match, Has.Property("Priority").EqualTo(7).And.Property("Keywords").Count.EqualTo(3).And.Property("ExcludeKeywords").Count.EqualTo(1));
    }

    [Test]
    public void Its_expressions_lines_tables_and_options_read_the_laid_out_page()
    {
        var template = ForeignTemplate.Import(Invoice, "de.muster", "muster.yml").Template!;
        Assert.That(KeywordMatch.Of([template], Page), Is.EqualTo(new[] { template }));

        var result = FieldExtractor.Extract(template, Page);

        Assert.That(result.Complete, Is.True, string.Join(", ", result.Missing));
        Assert.That(Values(result), Is.SupersetOf(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["issuer"] = "Muster Bau",
            ["invoice_number"] = "R-4711",
            ["date"] = "2026-03-03",
            ["amount"] = "1123.00",
            ["vat"] = "DE123456788",
            ["amount_tax"] = "3.50",
            ["paid_by"] = "PayPal\nKreditkarte",
            ["customer"] = "K77",
            ["date_due"] = "2026-04-02",
            ["currency"] = "EUR",
            ["lines"] = "2",
        }));
        Assert.That(result.Fields["paid_by"].Values, Is.EqualTo(new[] { "PayPal", "Kreditkarte" }));
        Assert.That(
            result.Fields["lines"].Rows!.Select(r => r.ToDictionary(c => c.Key, c => c.Value.Value, StringComparer.Ordinal)),
            Is.EqualTo(new[]
            {
                new Dictionary<string, string>(StringComparer.Ordinal) { ["pos"] = "1", ["qty"] = "2", ["name"] = "Ziegel\nrot", ["price"] = "1.50" },
                new Dictionary<string, string>(StringComparer.Ordinal) { ["pos"] = "2", ["qty"] = "10", ["name"] = "Mörtel", ["price"] = "12.00" },
            }));
        Assert.That(result.Fields["amount"], Has.Property("Page").EqualTo(1).And.Property("Confidence").GreaterThan(0.8));
        Assert.That(result.Fields["amount"].Box![0], Is.EqualTo(0.6).Within(0.01), "where the amount stands, not where its label does");
        Assert.That(result.Fields["invoice_number"].Box![0], Is.EqualTo(0.3).Within(0.01), "also through a replacement");
    }

    [Test]
    public void A_document_with_an_excluding_keyword_is_of_another_template()
    {
        var template = ForeignTemplate.Import(Invoice.Replace("Gutschrift", "PayPal", StringComparison.Ordinal), "de.muster", "muster.yml").Template!;

        Assert.That(KeywordMatch.Of([template], Page), Is.Empty);
    }

    [Test]
    public void What_cannot_be_taken_over_is_a_warning_with_its_place_and_the_rest_is_taken()
    {
        var imported = ForeignTemplate.Import(
            """
            issuer: A
            keywords: [A]
            colour: blue
            input_module: tesseract
            fields: { date: 'on (\d', amount: { parser: ocr, regex: x }, invoice_number: 'No (\d+)' }
            """, "a", "a.yml");

        Assert.That(imported.Template!.Fields.Select(f => f.Name), Is.EquivalentTo(new[] { "invoice_number", "issuer", "desc" }));
        Assert.That(imported.Warnings.Select(w => (w.Line, w.Code)), Is.EquivalentTo(new[] { (3, "left_out"), (4, "left_out"), (5, "left_out"), (5, "left_out") }));
    }

    [Test]
    public void A_template_without_keywords_or_one_that_is_no_yaml_is_a_problem_with_its_place()
    {
        Assert.That(ForeignTemplate.Import("issuer: A", "a", "a.yml").Problems.Single(), Has.Property("Code").EqualTo("missing_key"));
        Assert.That(ForeignTemplate.Import("issuer: [A", "a", "a.yml").Problems.Single(), Has.Property("Code").EqualTo("yaml"));
        Assert.That(ForeignTemplate.Import("a: &b [*b, *b]", "a", "a.yml").Problems.Single(), Has.Property("Code").EqualTo("anchor"));
        Assert.That(TemplateParser.Parse(Invoice, "a.yaml").Problems.Single().Message, Does.Contain("invoice template of another tool").And.Contain("dox templates import"));
    }

    [TestCase("(?P<a>x)(?P=a){,3}", @"(?<a>x)\k<a>{0,3}")]
    [TestCase(@"[[]a-[b]\Z", @"[\[]a-[b]\z")]
    [TestCase("[^]x]", @"[^\]x]")]
    [TestCase("(?iu)É", "(?i)É")]
    [TestCase("(?:a{2})(?=b)", "(?:a{2})(?=b)")]
    public void Expressions_of_the_other_dialect_mean_the_same_in_ours(string foreign, string ours) =>
        Assert.That(ForeignExpression.Of(foreign).Pattern, Is.EqualTo(ours));

    [TestCase(@"(a)(?P<n>b)(c)", @"\3\2\1\g<n>$", "${2}${n}${1}${n}$$")]
    [TestCase("a", @"\n\\", "\n\\")]
    public void Replacements_of_the_other_dialect_mean_the_same_in_ours(string expression, string foreign, string ours) =>
        Assert.That(ForeignExpression.Of(expression).Replacement(foreign), Is.EqualTo(ours));

    [Test]
    public void Every_text_is_a_template_or_a_problem() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(CsCheck.Gen.Int[0, Invoice.Length - 1], CsCheck.Gen.Int[0, 40], CsCheck.Gen.String[CsCheck.Gen.Char["'\"\\()[]{}?P<>:,-\n &*!%|é"], 0, 12]),
        (at, length, with) =>
        {
            var text = Invoice.Remove(at, Math.Min(length, Invoice.Length - at)).Insert(at, with);
            var imported = ForeignTemplate.Import(text, "fuzzed", "fuzzed.yml");
            return (imported.Template is null) == (imported.Problems.Count > 0);
        }, iter: 300);

    private static Dictionary<string, string> Values(ExtractionResult result) =>
        result.Fields.ToDictionary(f => f.Key, f => f.Value.Value, StringComparer.Ordinal);

    private static IEnumerable<Dox.DocumentReading.PageWord> Lines(params IEnumerable<(double Y, string Text, double X)> words) =>
        words.Select(w => TestPage.Word(w.Text, w.X, w.Y));
}
