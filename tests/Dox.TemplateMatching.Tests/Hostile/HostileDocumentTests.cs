using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;
using SkiaSharp;

namespace Dox.TemplateMatching.Tests.Hostile;

/// <summary>Documents that are hard to read, from the upload to what became of them.</summary>
public sealed class HostileDocumentTests
{
    private const int Words = 100_000;

    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync(new DoxHostSetup
    {
        // What bounds the work is to be seen, and not how busy the machine is
        Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:OcrSeconds"] = "300", ["Dox:DocumentReader:TimeLimit"] = "00:05:00" },
    });

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task A_page_of_a_hundred_thousand_words_is_read_up_to_the_limit_and_is_a_persons()
    {
        var document = await UploadAsync(HandmadePdf.Of(Crowd()));

        var structure = await _host.SendAsync(new AnalyzePdfStructure(await ReferenceAsync(document)));
        var recognised = await RecognitionAsync(document);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((structure.Readable, structure.Words), Is.EqualTo((true, new TemplateMatchingOptions().MaxWords)));
            Assert.That((string?)recognised["decision"], Is.EqualTo("unknown"), recognised.ToJsonString());
            Assert.That(await StateAsync(document), Is.EqualTo("waiting_for_human"));
        }
    }

    [Test]
    public async Task A_page_without_text_is_a_persons_and_says_why()
    {
        RequireOcr();
        var document = await UploadAsync(PageCanvas.WritePdf("Scan", "Test", new DateOnly(2026, 11, 1), page => page.Fill(0, 0, 1, 1, SKColors.White)));

        var recognised = await RecognitionAsync(document);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)recognised["decision"], Is.EqualTo("needs_ocr"));
            Assert.That((string?)recognised["explanation"], Does.Contain("no text to go by").And.Contain("No words were recognised"));
            Assert.That(await StateAsync(document), Is.EqualTo("waiting_for_human"));
        }
    }

    [Test]
    public async Task Letters_that_no_font_explains_are_read_off_the_picture()
    {
        RequireOcr();
        var invoice = SampleLibrary.Invoice(41, TimeProvider.System).Content;
        var document = await UploadAsync(WithoutUnicode(invoice));

        var recognised = await RecognitionAsync(document);
        var fields = (await _host.SendAsync(new ExtractFields(await ReferenceAsync(document), SampleLibrary.InvoiceFamily))).Fields;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)recognised["template_matched"]?["template_id"], Is.EqualTo(SampleLibrary.InvoiceFamily), recognised.ToJsonString());
            Assert.That(fields["iban"].Value, Is.EqualTo("DE89370400440532013000"));
        }
    }

    [Test]
    public async Task A_form_that_runs_from_right_to_left_is_learned_and_recognised()
    {
        await LearnAsync("learned.hebrew", HebrewForm.Write(1), HebrewForm.Write(2));
        var document = await UploadAsync(HebrewForm.Write(3));

        var recognised = await RecognitionAsync(document);
        var template = (await _host.Client.GetFromJsonAsync<JsonNode>("/api/v1/templates/learned.hebrew"))!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(template["match"]!["anchors"]!.AsArray().Select(a => (string)a!["text"]!), Is.Not.Empty.And.All.Match("^[א-ת]+$"), template.ToJsonString());
            Assert.That((string?)recognised["template_matched"]?["template_id"], Is.EqualTo("learned.hebrew"), recognised.ToJsonString());
        }
    }

    // A hundred words a line, a thousand lines
    private static string Crowd()
    {
        var drawing = new StringBuilder("BT /F1 0.7 Tf\n");
        foreach (var line in Enumerable.Range(0, Words).Select(i => $"w{(char)('a' + i % 26)}{(char)('a' + i / 26 % 26)}").Chunk(100).Select((words, i) => (words, i)))
            drawing.Append(CultureInfo.InvariantCulture, $"1 0 0 1 20 {770 - 0.75 * line.i} Tm ({string.Join("  ", line.words)}) Tj\n");
        return drawing.Append("ET").ToString();
    }

    // Another name of the same length: nobody knows the entry, and all offsets stay
    private static byte[] WithoutUnicode(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf);
        Assert.That(text, Does.Contain("/ToUnicode"));
        return Encoding.Latin1.GetBytes(text.Replace("/ToUnicode", "/ToNothing", StringComparison.Ordinal));
    }

    private static void RequireOcr()
    {
        foreach (var tool in new[] { "tesseract", "pdftoppm" })
        {
            if (ToolRun.Find(tool) is null) Assert.Ignore($"{tool} isn't installed (Debian: tesseract-ocr, poppler-utils).");
        }
    }

    private async Task LearnAsync(string id, params byte[][] samples)
    {
        using var form = new MultipartFormDataContent { { new StringContent(id), "template_id" }, { new StringContent(id), "name" } };
        foreach (var sample in samples) form.Add(Part(sample), "file", "form.pdf");
        using var answer = await _host.Client.PostAsync("/api/v1/templates/learn", form);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> UploadAsync(byte[] pdf)
    {
        using var form = new MultipartFormDataContent { { Part(pdf), "file", "page.pdf" } };
        using var answer = await _host.Client.PostAsync("/api/v1/documents", form);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), body.ToJsonString());
        await _host.WhenQuiet();
        return (string)body["document_id"]!;
    }

    private static ByteArrayContent Part(byte[] pdf) => new(pdf) { Headers = { ContentType = new MediaTypeHeaderValue("application/pdf") } };

    private async Task<JsonNode> RecognitionAsync(string document) => (await _host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/recognize/status/{document}"))!;

    private async Task<string?> StateAsync(string document) => (string?)(await _host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/documents/{document}/status"))!["workflow_status"];

    private Task<DocumentRef> ReferenceAsync(string document) => _host.InDb<TemplateMatchingDbContext, DocumentRef>(
        async db => (await db.Recognitions.AsNoTracking().FirstAsync(r => r.DocumentId == Id<Document>.Parse(document, null))).Document);
}
