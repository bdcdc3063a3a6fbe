using System.Globalization;
using CsCheck;
using Dox.DocumentReading;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Tests.Extraction;

/// <summary>Pages laid out as characters, tables under headers, and what hostile pages and expressions make of them.</summary>
[TestFixture]
public sealed class LayoutTests
{
    private const string Head = "id: a\nmatch: { keywords: [x] }\nfields:\n";

    [Test]
    public void Columns_stay_columns_and_words_of_one_text_have_one_space_between()
    {
        var page = TestPage.Words(
            TestPage.Word("Article", 0.1, 0.1), TestPage.Word("Price", 0.7, 0.1),
            TestPage.Word("red", 0.1, 0.12), TestPage.Word("brick", 0.14, 0.12), TestPage.Word("1.50", 0.7, 0.12),
            TestPage.Word("wall", 0.1, 0.14), TestPage.Word("2.00", 0.7, 0.14));

        var lines = LayoutText.Of(page, null, null).Text.Split('\n').Where(l => l.Length > 1).ToList();

        Assert.That(lines[1], Does.StartWith("red brick  "));
        Assert.That(lines.Take(3).Select(l => l.LastIndexOf("  ", StringComparison.Ordinal)), Is.All.EqualTo(lines[0].LastIndexOf("  ", StringComparison.Ordinal)));
    }

    [Test]
    public void A_comma_and_an_apostrophe_belong_to_the_line_that_they_are_set_in()
    {
        var page = TestPage.Words(
            TestPage.Word("August", 0.1, 0.1), TestPage.Word("3", 0.18, 0.1), new PageWord(",", new PageBox(0.196, 0.1055, 0.003, 0.001)), TestPage.Word("2014", 0.203, 0.1),
            TestPage.Word("Other", 0.6, 0.1045));

        Assert.That(LayoutText.Of(page, null, null).Text, Does.Contain("August 3 , 2014"));
    }

    [Test]
    public void A_table_is_read_by_its_headers_and_goes_on_where_a_page_repeats_them()
    {
        const string Fields = """
              lines:
                table:
                  start: Pos.
                  end: Summe
                  columns: [pos, { name: text, header: Bezeichnung }, { name: qty, header: Menge, type: number }, { name: price, header: Preis, type: money }]
            """;
        List<PageWord> Sheet(int first) =>
        [
            TestPage.Word("Pos.", 0.1, 0.1), TestPage.Word("Bezeichnung", 0.2, 0.1), TestPage.Word("Menge", 0.6, 0.1), TestPage.Word("Preis", 0.8, 0.1),
            TestPage.Word($"{first}", 0.1, 0.12), TestPage.Word("roter", 0.2, 0.12), TestPage.Word("Ziegel", 0.265, 0.12), TestPage.Word("2", 0.64, 0.12), TestPage.Word("1,50", 0.81, 0.12),
            TestPage.Word("gebrannt", 0.2, 0.14),
            TestPage.Word($"{first + 1}", 0.1, 0.16), TestPage.Word("Mörtel", 0.2, 0.16), TestPage.Word("10", 0.635, 0.16), TestPage.Word("12,00", 0.8, 0.16),
            TestPage.Word("Summe", 0.1, 0.2), TestPage.Word("13,50", 0.8, 0.2),
        ];
        var text = TestPage.Text(Sheet(1), 2);
        var template = TestPage.Template("locale: de-DE\n" + Head + Fields);

        var lines = FieldExtractor.Extract(template, DocumentWords.Of(text with { Pages = [text.Pages[0], text.Pages[0] with { Number = 2, Words = Sheet(3) }] })).Fields["lines"];

        Assert.That(
            lines.Rows!.Select(r => string.Join("|", r.Values.Select(c => c.Value))),
            Is.EqualTo(new[] { "1|roter Ziegel\ngebrannt|2|1.50", "2|Mörtel|10|12.00", "3|roter Ziegel\ngebrannt|2|1.50", "4|Mörtel|10|12.00" }));
        Assert.That(lines.Rows![2]["price"], Has.Property("Page").EqualTo(2).And.Property("Anchor").EqualTo("Preis"));
        Assert.That(lines.Rows[0]["price"].Box![0], Is.EqualTo(0.81).Within(0.01));
    }

    [Test]
    public void An_expression_that_explodes_is_stopped_and_told_and_the_others_are_read()
    {
        var template = TestPage.Template(Head + """
              bad: { where: layout, regex: '^(\w+\s?)*(?=!)' }
              linear: { where: layout, regex: '(a+)+$' }
              good: { where: layout, regex: 'No +(\d+)' }
            """);
        var page = TestPage.Words(TestPage.Word(new string('a', 40), 0.1, 0.1), TestPage.Word("No", 0.1, 0.2), TestPage.Word("7", 0.14, 0.2));

        var result = FieldExtractor.Extract(template, page);

        Assert.That(result.Problems, Has.Count.EqualTo(1).And.One.StartsWith("bad: the expression"));
        Assert.That(result.Fields["good"].Value, Is.EqualTo("7"));
    }

    [Test]
    public void A_page_with_100000_words_is_read()
    {
        var words = Enumerable.Range(0, 100_000).Select(i => new PageWord(i % 7 == 0 ? "," : $"w{i}", new PageBox(i % 100 / 100.0, i / 100 / 1000.0, 0.008, 0.0008)));
        var template = TestPage.Template(Head + "  last: { where: layout, regex: 'w99999' }\n  right: { near: w50002, where: right }");

        var result = FieldExtractor.Extract(template, TestPage.Words(words));

        Assert.That(result.Fields["last"].Value, Is.EqualTo("w99999"));
    }

    [Test]
    public void Text_that_runs_to_the_left_and_a_page_without_text_are_no_fault()
    {
        var template = TestPage.Template(Head + "  total: { where: layout, regex: '(\\d+) ₪', type: number }");

        Assert.That(FieldExtractor.Extract(template, TestPage.Words(TestPage.Word("17", 0.3, 0.1), TestPage.Word("₪", 0.33, 0.1), TestPage.Word("סכום", 0.6, 0.1))).Fields["total"].Value, Is.EqualTo("17"));
        Assert.That(FieldExtractor.Extract(template, TestPage.Words()).Fields, Is.Empty);
    }

    [Test]
    public void A_date_that_is_written_by_a_format_is_read_by_it() => Gen.Select(Gen.Int[0, 60_000], OneOf("%d/%m/%Y", "%m-%d-%Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d"))
        .Sample((day, format) =>
        {
            var date = new DateOnly(1950, 1, 1).AddDays(day);
            var text = format.Replace("%d", $"{date.Day:00}", StringComparison.Ordinal).Replace("%m", $"{date.Month:00}", StringComparison.Ordinal)
                .Replace("%Y", $"{date.Year}", StringComparison.Ordinal).Replace("%B", date.ToString("MMMM", CultureInfo.InvariantCulture), StringComparison.Ordinal);
            return DateFormats.Read(text, [format]) == date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        });

    [Test]
    public void Whatever_is_replaced_each_character_still_has_a_word_of_its_line() => Gen.Select(OneOf("a", "a+", "b?", "(a)(b)?", "\\s+"), OneOf("", "x", "$1-$1", "long text"))
        .Sample((expression, with) =>
        {
            var runs = new ExpressionRuns();
            var rules = new TextRules(false, false, false, [new Replacement(Expression.Of(expression), with.Contains("$1", StringComparison.Ordinal) && !expression.Contains('(', StringComparison.Ordinal) ? "y" : with)]);
            var text = LayoutText.Of(TestPage.Words(TestPage.Word("aab", 0.1, 0.1), TestPage.Word("ba", 0.2, 0.1), TestPage.Word("caa", 0.1, 0.2)), null, null).Apply(rules, runs);
            return text.Sources.Count == text.Text.Length && text.Sources.All(s => s is >= -1 and < 3);
        }, iter: 50);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
