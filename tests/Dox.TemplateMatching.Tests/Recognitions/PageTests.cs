using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.Testing.Hosts;

namespace Dox.TemplateMatching.Tests.Recognitions;

/// <summary>Pages as Orchestration shows them, with what this module found on them.</summary>
public sealed class PageTests
{
    private const string Hostile = "</text><script>alert(1)</script>&#x41;]]>\"onload=\"x";
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Page_is_shown_as_a_picture_under_what_was_found_on_it_and_sandboxed()
    {
        if (ToolRun.Find("pdftoppm") is null) Assert.Ignore("pdftoppm isn't installed (Debian: poppler-utils).");
        var document = await UploadAsync(SampleLibrary.Invoice(31, TimeProvider.System).Content);

        using var answer = await _host.Client.GetAsync($"/api/v1/documents/{document}/pages/1.svg");
        var svg = XDocument.Parse(await answer.Content.ReadAsStringAsync()).Root!;
        using var none = await _host.Client.GetAsync($"/api/v1/documents/{document}/pages/2.svg");
        using var nought = await _host.Client.GetAsync($"/api/v1/documents/{document}/pages/0.svg");

        Assert.Multiple(() =>
        {
            Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("image/svg+xml"));
            Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Is.EqualTo("sandbox; default-src 'none'; img-src data:"));
            Assert.That(svg.Element(Svg + "title")!.Value, Is.EqualTo("Page 1 of 1"));
            Assert.That(svg.Element(Svg + "image")!.Attribute("href")!.Value, Does.StartWith("data:image/jpeg;base64,/9j/"));
            Assert.That(svg.Elements(Svg + "g").Where(g => g.Attribute("class")!.Value == "anchor").Select(g => g.Element(Svg + "title")!.Value), Has.Some.StartsWith("Nordwind"));
            Assert.That(svg.Elements(Svg + "g").Where(g => g.Attribute("class")!.Value == "field").Select(g => g.Element(Svg + "title")!.Value), Has.Some.StartsWith("total: "));
            Assert.That((none.StatusCode, nought.StatusCode), Is.EqualTo((HttpStatusCode.NotFound, HttpStatusCode.NotFound)));
        });
    }

    [Test]
    public async Task Hostile_text_stays_text_where_a_page_is_shown_by_its_words()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup { Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:Pages:DrawingTime"] = "00:00:00" } });
        var document = await UploadAsync(Pdf(Hostile), host);

        var text = await host.Client.GetStringAsync(new Uri($"/api/v1/documents/{document}/pages/1.svg", UriKind.Relative));

        var svg = XDocument.Parse(text);
        Assert.That(svg.Descendants().Select(e => e.Name.LocalName).Distinct(StringComparer.Ordinal), Is.EquivalentTo(["svg", "title", "rect", "text"]));
        Assert.That(svg.Descendants().SelectMany(e => e.Attributes()).Select(a => a.Name.LocalName), Has.None.StartsWith("on").And.None.EqualTo("href"));
        Assert.That(string.Concat(svg.Descendants(Svg + "text").Select(t => t.Value)), Is.EqualTo(Hostile));
    }

    private Task<string> UploadAsync(byte[] pdf) => UploadAsync(pdf, _host);

    private static async Task<string> UploadAsync(byte[] pdf, DoxHostFixture host)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(pdf);
        file.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
        form.Add(file, "file", "page.pdf");
        using var answer = await host.Client.PostAsync("/api/v1/documents", form);
        var body = await answer.Content.ReadFromJsonAsync<JsonNode>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), body!.ToJsonString());
        await host.WhenQuiet();
        return (string)body["document_id"]!;
    }

    private static byte[] Pdf(string text)
    {
        var content = $"BT /F1 12 Tf 72 720 Td ({text}) Tj ET";
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            $"<< /Length {content.Length} >>\nstream\n{content}\nendstream", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ];
        var pdf = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        for (var i = 0; i < objects.Length; i++)
        {
            offsets.Add(pdf.Length);
            pdf.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        var start = pdf.Length;
        pdf.Append("xref\n0 6\n0000000000 65535 f \n");
        foreach (var offset in offsets) pdf.Append(System.Globalization.CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        pdf.Append(System.Globalization.CultureInfo.InvariantCulture, $"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(pdf.ToString());
    }
}
