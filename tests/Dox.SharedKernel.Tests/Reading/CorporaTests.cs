using Dox.DocumentReading;

namespace Dox.SharedKernel.Tests.Reading;

/// <summary>Documents from the wild: whatever they are, each gets an outcome. That none takes long is the benchmark corpora's to say, on a machine that does nothing else.</summary>
public sealed class CorporaTests : ReaderTests
{
    [TestCase("pdf-viewer")]
    [TestCase("pdf-library")]
    [TestCase("pdf-malformed")]
    [TestCase("invoices")]
    [TestCase("e-invoices")]
    public async Task Every_pdf_gets_a_typed_outcome(string folder)
    {
        var corpora = Environment.GetEnvironmentVariable("DOX_CORPORA");
        if (string.IsNullOrEmpty(corpora)) Assert.Ignore("DOX_CORPORA isn't set: there are no documents from the wild to read.");
        await using var pool = NewPool(o => o.TimeLimit = TimeSpan.FromSeconds(5));
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Path.Combine(corpora!, folder), "*.pdf"))
        {
            await using var content = File.OpenRead(path);
            var inspection = await pool.InspectAsync(content, content.Length, "application/pdf", new InspectionLimits(), CancellationToken.None);
            content.Position = 0;
            var text = await pool.ReadTextAsync(content, content.Length, "application/pdf", new TextLimits(), CancellationToken.None);
            foreach (ReadingResult result in new ReadingResult[] { inspection, text })
            {
                Assert.That(result.Message, Is.Not.Empty.And.Not.Contain("Exception").And.Not.Contain(" at "), path);
                var key = $"{(result is DocumentText ? "text" : "inspect")} {result.Outcome} {result.Code}";
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        foreach (var (outcome, count) in counts) TestContext.Out.WriteLine($"{count,5} {outcome}");
        Assert.That(counts, Is.Not.Empty, "the folder holds documents");
    }
}
