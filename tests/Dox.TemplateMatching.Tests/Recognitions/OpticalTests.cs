using Dox.DocumentReading;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Recognitions;
using Dox.Testing.Hosts;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace Dox.TemplateMatching.Tests.Recognitions;

/// <summary>Pictures of documents, recognised by the machine's own <c>tesseract</c>.</summary>
[TestFixture]
public sealed class OpticalTests
{
    private DoxHostFixture _host = null!;
    private byte[] _invoice = [];

    [OneTimeSetUp]
    public async Task Start()
    {
        foreach (var tool in new[] { "tesseract", "pdftoppm" })
        {
            if (ToolRun.Find(tool) is null) Assert.Ignore($"{tool} isn't installed (Debian: tesseract-ocr, poppler-utils).");
        }

        _host = await DoxHostFixture.StartAsync(new DoxHostSetup { Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:OcrSeconds"] = "300" } });
        _invoice = await DrawAsync(SampleLibrary.Invoice(1, TimeProvider.System).Content);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_host is not null) await _host.DisposeAsync();
    }

    [TestCase(0)]
    [TestCase(90)]
    [TestCase(180)]
    [TestCase(2)]
    [TestCase(-3)]
    public async Task A_scan_is_recognised_however_it_lies(int degrees)
    {
        var document = await AcceptAsync(Turned(_invoice, degrees), "image/png");

        var record = await _host.SendAsync(new RecognizeTemplate(document));
        Assert.That(record.TemplateMatched?.TemplateId, Is.EqualTo(SampleLibrary.InvoiceFamily), record.Explanation);
        var fields = (await _host.SendAsync(new ExtractFields(document, SampleLibrary.InvoiceFamily))).Fields;
        Assert.That(fields["iban"].Value, Is.EqualTo("DE89370400440532013000"));
        Assert.That(fields, Contains.Key("total"));
    }

    [Test]
    public async Task A_scan_that_lies_on_its_other_side_is_recognised_and_what_is_misread_is_left_out()
    {
        var printed = await FieldsAsync(await AcceptAsync(SampleLibrary.Invoice(1, TimeProvider.System).Content, "application/pdf"));
        var document = await AcceptAsync(Turned(_invoice, 270), "image/png");

        var record = await _host.SendAsync(new RecognizeTemplate(document));
        var scanned = await FieldsAsync(document);

        Assert.That(record.TemplateMatched?.TemplateId, Is.EqualTo(SampleLibrary.InvoiceFamily), record.Explanation);
        Assert.That(printed.Count(f => scanned.GetValueOrDefault(f.Key) == f.Value), Is.GreaterThan(printed.Count / 2));
        // tesseract loses digits of it, and its check digits tell
        Assert.That(scanned.GetValueOrDefault("iban"), Is.Null.Or.EqualTo(printed["iban"]));
    }

    [Test]
    public async Task A_page_that_is_a_picture_is_drawn_and_recognised()
    {
        var pdf = PageCanvas.WritePdf("Scan", "Test", new DateOnly(2026, 11, 1), page => page.Fill(0, 0, 1, 1, SKColors.White));
        var blank = await ReadAsync(await AcceptAsync(pdf, "application/pdf"));

        Assert.That((blank.HasText, blank.NeedsOcr, blank.Findings[^1].Code), Is.EqualTo((false, true, "ocr_found_nothing")));
    }

    [TestCase("oyo")]
    [TestCase("SammyMaystoneLinesTest")]
    public async Task A_scan_says_what_its_document_says(string name)
    {
        var corpora = Environment.GetEnvironmentVariable("DOX_CORPORA") ?? "";
        if (corpora.Length == 0) Assert.Ignore("DOX_CORPORA names no folder with scans to test on.");
        var invoice = Path.Combine(corpora, "invoices", name);
        var printed = Tokens(await ReadAsync(await AcceptAsync(await File.ReadAllBytesAsync(invoice + ".pdf"), "application/pdf")));
        var scan = await ReadAsync(await AcceptAsync(await File.ReadAllBytesAsync(invoice + ".png"), "image/png"));

        Assert.That(scan.Recognised, Is.True);
        Assert.That(printed.Count(Tokens(scan).Contains), Is.GreaterThan(0.9 * printed.Count));
    }

    [Test]
    public async Task A_program_that_hangs_is_killed()
    {
        var run = await ToolRun.RunAsync(ToolRun.Find("sleep")!, ["600"], Path.GetTempPath(), TimeSpan.FromMilliseconds(200), 100, CancellationToken.None);

        Assert.That(run.ExitCode, Is.Null);
    }

    private async Task<Dictionary<string, string?>> FieldsAsync(DocumentRef document) =>
        (await _host.SendAsync(new ExtractFields(document, SampleLibrary.InvoiceFamily))).Fields.ToDictionary(f => f.Key, f => (string?)f.Value.Value, StringComparer.Ordinal);

    private static HashSet<string> Tokens(DocumentText text) => [.. DocumentWords.Of(text).Tokens];

    private Task<DocumentText> ReadAsync(DocumentRef document) => _host.Services.GetRequiredService<DocumentTexts>().ReadAsync(document, CancellationToken.None);

    private async Task<DocumentRef> AcceptAsync(byte[] content, string mediaType)
    {
        var store = _host.Services.GetRequiredService<IContentStore>();
        var id = Id<Document>.New(TimeProvider.System);
        var staged = await store.StageAsync(id, new MemoryStream(content), content.Length, CancellationToken.None);
        var document = new DocumentRef(id, staged.Sha256, staged.Length, mediaType);
        await store.AcceptAsync(document, CancellationToken.None);
        return document;
    }

    private static async Task<byte[]> DrawAsync(byte[] pdf)
    {
        var folder = Directory.CreateTempSubdirectory("dox-scan-");
        try
        {
            var file = Path.Combine(folder.FullName, "page.pdf");
            await File.WriteAllBytesAsync(file, pdf);
            string[] arguments = ["-q", "-singlefile", "-gray", "-png", "-r", "150", file, Path.Combine(folder.FullName, "page")];
            Assert.That((await ToolRun.RunAsync(ToolRun.Find("pdftoppm")!, arguments, folder.FullName, TimeSpan.FromMinutes(2), 100, CancellationToken.None)).ExitCode, Is.Zero);
            return await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "page.png"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // As a sheet lies in a scanner: the page on white, turned about its middle.
    private static byte[] Turned(byte[] png, int degrees)
    {
        using var page = SKBitmap.Decode(png);
        var (width, height) = degrees % 180 == 90 ? (page.Height, page.Width) : (page.Width, page.Height);
        using var sheet = new SKBitmap(width, height);
        using (var canvas = new SKCanvas(sheet))
        {
            canvas.Clear(SKColors.White);
            canvas.Translate(width / 2f, height / 2f);
            canvas.RotateDegrees(degrees);
            canvas.DrawBitmap(page, -page.Width / 2f, -page.Height / 2f, new SKSamplingOptions(SKFilterMode.Linear));
        }

        using var data = sheet.Encode(SKEncodedImageFormat.Png, 90);
        return data.ToArray();
    }
}
