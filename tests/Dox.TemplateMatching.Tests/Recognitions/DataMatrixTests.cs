using Dox.DocumentReading;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Recognitions;
using Dox.Testing.Hosts;
using Microsoft.Extensions.DependencyInjection;
using SkiaSharp;

namespace Dox.TemplateMatching.Tests.Recognitions;

[TestFixture]
public sealed class DataMatrixTests
{
    private const string Code = "BATCH:2026-11;ACCOUNT:A-42";
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        foreach (var tool in new[] { "dmtxwrite", "dmtxread", "pdftoppm" })
        {
            if (ToolRun.Find(tool) is null) Assert.Ignore($"{tool} isn't installed (Debian: dmtx-utils, poppler-utils).");
        }

        _host = await DoxHostFixture.StartAsync(new DoxHostSetup { Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:DataMatrixMilliseconds"] = "3000" } });
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_host is not null) await _host.DisposeAsync();
    }

    [Test]
    public async Task A_code_on_a_page_gives_batch_and_account()
    {
        var result = await CheckAsync(Page(await CodeAsync()), "application/pdf");

        Assert.That(result, Is.EqualTo(new DataMatrixResult(true, Code, "2026-11", "A-42")));
    }

    [Test]
    public async Task A_code_on_a_picture_is_read_too() => Assert.That((await CheckAsync(await CodeAsync(), "image/png")).Code, Is.EqualTo(Code));

    [Test]
    public async Task A_code_that_is_a_picture_on_a_page_is_read()
    {
        using var file = new MemoryStream();
        using (var document = SKDocument.CreatePdf(file))
        using (var code = SKImage.FromEncodedData(await CodeAsync()))
        {
            document.BeginPage(PageCanvas.WidthInPoints, PageCanvas.HeightInPoints).DrawImage(code, SKRect.Create(420, 60, 90, 90), new SKSamplingOptions(SKFilterMode.Nearest));
            document.Close();
        }

        Assert.That((await CheckAsync(file.ToArray(), "application/pdf")).Code, Is.EqualTo(Code));
    }

    [Test]
    public async Task A_page_without_a_code_has_none_and_that_is_no_fault() =>
        Assert.That(await CheckAsync(SampleLibrary.Invoice(1, TimeProvider.System).Content, "application/pdf"), Is.EqualTo(new DataMatrixResult(false)));

    [Test]
    public async Task Only_pages_with_more_than_text_and_lines_are_worth_a_search()
    {
        var readers = _host.Services.GetRequiredService<DocumentReaderPool>();
        var (seed, time) = (1, TimeProvider.System);
        byte[][] plain = [SampleLibrary.Invoice(seed, time).Content, SampleLibrary.Claim(seed, time).Content, SampleLibrary.EarlierInvoice(seed, time).Content, SampleLibrary.Letter(time).Content];
        foreach (var content in plain.Append(Page(await CodeAsync())))
        {
            var text = await readers.ReadTextAsync(new MemoryStream(content), content.Length, "application/pdf", new TextLimits(), CancellationToken.None);
            Assert.That(text.Pages[0].HasGraphics, Is.EqualTo(!plain.Contains(content)), string.Join(' ', text.Pages[0].Words.Take(5).Select(w => w.Text)));
        }
    }

    [Test]
    public async Task What_is_no_page_gives_its_reason() =>
        Assert.That((await CheckAsync("%PDF-1.7 no more"u8.ToArray(), "application/pdf")).Reason, Is.EqualTo("page_not_drawn"));

    [TestCase("ACCOUNT=9|batch = x", "x", "9")]
    [TestCase("just text", null, null)]
    [TestCase("batch:", null, null)]
    public void Pairs_are_read_in_any_order(string code, string? batch, string? account) =>
        Assert.That(CheckForDataMatrixHandler.Read(code), Is.EqualTo(new DataMatrixResult(true, code, batch, account)));

    private async Task<DataMatrixResult> CheckAsync(byte[] content, string mediaType)
    {
        var store = _host.Services.GetRequiredService<IContentStore>();
        var id = Id<Document>.New(TimeProvider.System);
        var staged = await store.StageAsync(id, new MemoryStream(content), content.Length, CancellationToken.None);
        var document = new DocumentRef(id, staged.Sha256, staged.Length, mediaType);
        await store.AcceptAsync(document, CancellationToken.None);
        return await _host.SendAsync(new CheckForDataMatrix(document));
    }

    private static async Task<byte[]> CodeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("dox-code-");
        try
        {
            var text = Path.Combine(folder.FullName, "code.txt");
            await File.WriteAllTextAsync(text, Code);
            var image = Path.Combine(folder.FullName, "code.png");
            var run = await ToolRun.RunAsync(ToolRun.Find("dmtxwrite")!, ["-d", "8", "-o", image, text], folder.FullName, TimeSpan.FromSeconds(20), 100, CancellationToken.None);
            Assert.That(run.ExitCode, Is.Zero);
            return await File.ReadAllBytesAsync(image);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static byte[] Page(byte[] image) => PageCanvas.WritePdf("With a code", "Test", new DateOnly(2026, 11, 1), page =>
    {
        page.Text(20, 60, "Delivery note", 14, bold: true);
        using var bitmap = SKBitmap.Decode(image);
        var module = 30f / bitmap.Width;
        for (var y = 0; y < bitmap.Height; y += 8)
        {
            for (var x = 0; x < bitmap.Width; x += 8)
            {
                if (bitmap.GetPixel(x + 4, y + 4).Red < 128) page.Fill(150 + x * module, 20 + y * module, 8 * module, 8 * module, SKColors.Black);
            }
        }
    });
}
