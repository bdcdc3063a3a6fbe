using System.Diagnostics;
using CsCheck;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Tests.Templates;

[TestFixture]
public sealed class TemplateParserTests
{
    private const string Sound = """
        id: de.example.invoice
        family: de.example
        version: 3
        match:
          require: [Rechnung]
          forbid: Gutschrift
          pages: 1-2
          anchors:
            - { text: Rechnungsnummer, page: 1, x: 0.62, y: 0.21, weight: 4.1 }
            - { text: Nettobetrag, x: 0.6 }
            - { text: Example GmbH }
        fields:
          invoice_number: { near: Rechnungsnummer, where: right, type: id, required: true }
          net: { near: Nettobetrag, type: money, locale: de-DE }
          total: { near: [Gesamtbetrag, Total], where: right, type: money, locale: de-DE, check: net == total }
        route: { team: Document }
        """;

    [Test]
    public void A_sound_definition_is_read_whole()
    {
        var template = TestPage.Template(Sound);

        Assert.Multiple(() =>
        {
            Assert.That((template.Id, template.Family, template.Version, template.Team), Is.EqualTo(("de.example.invoice", "de.example", 3, "Document")));
            Assert.That(template.Match.Anchors.Select(a => (a.Text.Text, a.X, a.Y, a.Weight)), Is.EqualTo(new (string, double?, double?, double)[]
            {
                ("Rechnungsnummer", 0.62, 0.21, 4.1), ("Nettobetrag", 0.6, null, 1), ("Example GmbH", null, null, 1),
            }));
            Assert.That(template.Match.Pages, Is.EqualTo(new PageRange(1, 2)));
            Assert.That(template.Fields[2].Check!.Fields, Is.EqualTo(new[] { "net", "total" }));
            Assert.That(template.Fields[0].Required, Is.True);
        });
    }

    [TestCase("id: de.example.invoice", "id: De Example", "bad_id", 1, 5)]
    [TestCase("version: 3", "version: three", "not_a_number", 3, 10)]
    [TestCase("version: 3", "versoin: 3", "unknown_key", 3, 1)]
    [TestCase("pages: 1-2", "pages: 2-1", "bad_pages", 7, 10)]
    [TestCase("page: 1, x: 0.62", "page: 1, x: 62", "not_a_number", 9, 44)]
    [TestCase("text: Nettobetrag", "text: Position 12", "anchor_with_digits", 10, 15)]
    [TestCase("where: right, type: id", "where: beside, type: id", "unknown_choice", 13, 51)]
    [TestCase("type: money, locale: de-DE }", "type: money, locale: xx-XX }", "unknown_locale", 14, 50)]
    [TestCase("check: net == total", "check: net == sum", "unknown_field", 15, 10)]
    [TestCase("check: net == total", "check: net ==", "bad_check", 15, 90)]
    [TestCase("near: Rechnungsnummer, where: right", "where: right", "missing_key", 13, 3)]
    [TestCase("required: true", "required: yes", "not_a_flag", 13, 78)]
    [TestCase("family: de.example", "id: twice", "duplicate_key", 2, 1)]
    [TestCase("version: 3", "version: [", "yaml", 3, 10)]
    [TestCase("- { text: Example GmbH }", "", "too_few_anchors", 5, 3)]
    [TestCase("near: Rechnungsnummer, where: right", "regex: '(a', where: regex", "bad_regex", 13, 28)]
    [TestCase("near: Rechnungsnummer, where: right", "regex: '(a{1000}){1000}', where: regex", "bad_regex", 13, 28)]
    public void What_is_wrong_is_said_with_its_place(string sound, string broken, string code, int line, int column)
    {
        var parsed = TemplateParser.Parse(Sound.Replace(sound, broken, StringComparison.Ordinal), "a.yaml");

        Assert.That(parsed.Template, Is.Null);
        Assert.That(parsed.Problems.Select(p => (p.Code, p.Line, p.Column)), Has.Member((code, line, column)), string.Join('\n', parsed.Problems));
    }

    [TestCase("a: &x [1]\nb: *x", "anchor")]
    [TestCase("a: *x", "alias")]
    [TestCase("a: !!binary abc", "tag")]
    [TestCase("a: 1\n---\nb: 2", "several_documents")]
    [TestCase("", "empty")]
    [TestCase("? [a, b]\n: c", "key")]
    public void Yaml_that_a_definition_needs_not_is_refused(string yaml, string code) =>
        Assert.That(TemplateParser.Parse(yaml, "a.yaml").Problems.Select(p => p.Code), Is.EqualTo(new[] { code }));

    [Test]
    public void Huge_and_deep_definitions_are_refused_at_once()
    {
        var clock = Stopwatch.StartNew();

        Assert.Multiple(() =>
        {
            Assert.That(Codes(new string('#', 300_000)), Is.EqualTo(new[] { "too_large" }));
            Assert.That(Codes(new string('[', 5_000)), Has.Length.EqualTo(1));
            Assert.That(Codes("a: [" + string.Join(',', Enumerable.Repeat("1", 100_000)) + "]"), Is.EqualTo(new[] { "too_many_values" }));
            Assert.That(Codes("id: a\nmatch:\n  anchors:\n" + string.Concat(Enumerable.Repeat("    - { text: a }\n", 10_000))), Has.Member("too_many_anchors"));
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
        });
    }

    [Test]
    public void Mangled_definitions_never_make_it_fail() => Gen
        .Select(Gen.Int[0, Sound.Length - 1], Gen.Int[0, 30], Gen.String[Gen.Char["{}[]:,-&*!|>'\"#%@`? \n\tab1.0"], 0, 12])
        .Sample((at, length, put) =>
        {
            var mangled = string.Concat(Sound.AsSpan(0, at), put, Sound.AsSpan(Math.Min(Sound.Length, at + length)));
            var parsed = TemplateParser.Parse(mangled, "a.yaml");
            return parsed.Template is null == parsed.Problems.Count > 0 && parsed.Problems.All(p => p.Line >= 0 && p.Code.Length > 0);
        }, iter: 2_000);

    [Test]
    public void Templates_that_ship_are_sound()
    {
        var files = Directory.GetFiles(TestPage.Folder("templates"), "*.yaml", SearchOption.AllDirectories);

        Assert.That(files, Is.Not.Empty);
        Assert.That(files.SelectMany(f => TemplateParser.Parse(File.ReadAllText(f), f).Problems), Is.Empty);
    }

    private static string[] Codes(string yaml) => [.. TemplateParser.Parse(yaml, "a.yaml").Problems.Select(p => p.Code)];
}
