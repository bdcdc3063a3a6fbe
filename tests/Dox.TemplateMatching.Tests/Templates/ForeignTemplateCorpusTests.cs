using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Tests.Extraction;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dox.TemplateMatching.Tests.Templates;

/// <summary>Real templates of another tool, over real invoices.</summary>
[TestFixture]
public sealed class ForeignTemplateCorpusTests
{
    private string _corpora = "";
    private DocumentReaderPool _readers = null!;

    [OneTimeSetUp]
    public void Start()
    {
        _corpora = Environment.GetEnvironmentVariable("DOX_CORPORA") ?? "";
        if (_corpora.Length == 0) Assert.Ignore("DOX_CORPORA names no folder with templates and invoices to test on.");
        _readers = new DocumentReaderPool(Microsoft.Extensions.Options.Options.Create(new DocumentReaderOptions()), NullLogger<DocumentReaderPool>.Instance);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_readers is not null) await _readers.DisposeAsync();
    }

    [Test]
    public async Task All_templates_load_and_run()
    {
        var imported = InvoiceFields.Import(_corpora);
        Assert.That(imported.SelectMany(i => i.Problems), Is.Empty);
        Assert.That(imported, Has.Count.EqualTo(215));

        var document = DocumentWords.Of(await InvoiceFields.ReadAsync(Path.Combine(_corpora, "invoices", "AmazonWebServices.pdf"), _readers));
        foreach (var template in imported.Select(i => i.Template!))
        {
            var result = FieldExtractor.Extract(template, document);
            Assert.That(result.Fields.Keys.Concat(result.Missing), Is.SupersetOf(template.Fields.Where(f => f.Required).Select(f => f.Name)), template.Id);
        }
    }

    [Test]
    public async Task At_least_162_of_170_values_are_read_right()
    {
        var measured = await InvoiceFields.MeasureAsync(_corpora, _readers);
        foreach (var miss in measured.Misses) TestContext.Out.WriteLine($"{miss.Document} {miss.Field}: {miss.Expected} <> {miss.Got}");
        TestContext.Out.WriteLine($"{measured.Right} of {measured.Values.Count}; {measured.ToldByKeywords} of {measured.Documents} told by keywords");
        Assert.That(measured.Values, Has.Count.EqualTo(170));
        Assert.That(measured.Right, Is.GreaterThanOrEqualTo(162));
    }
}
