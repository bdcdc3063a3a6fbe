using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Tests.Hostile;
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
    public async Task Words_that_the_likeliest_template_wants_and_the_page_lacks_are_dashed_where_they_would_stand()
    {
        var document = await UploadAsync(SampleLibrary.EarlierInvoice(32, TimeProvider.System).Content);

        var svg = XDocument.Parse(await _host.Client.GetStringAsync(new Uri($"/api/v1/documents/{document}/pages/1.svg", UriKind.Relative))).Root!;
        var marks = svg.Elements(Svg + "g").ToLookup(g => g.Attribute("class")!.Value, g => (Title: g.Element(Svg + "title")!.Value, Rect: g.Element(Svg + "rect")!), StringComparer.Ordinal);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(marks["missing"].Select(m => m.Title), Is.Not.Empty.And.All.EndsWith(": missing"));
            Assert.That(marks["missing"].Select(m => (m.Rect.Attribute("stroke-dasharray")!.Value, m.Rect.Attribute("fill-opacity")!.Value)), Is.All.EqualTo(("2 2", "0")));
            Assert.That(marks["missing"].Select(m => m.Rect).SelectMany(Corner), Is.All.InRange(-2, 842), "within the page");
            Assert.That(marks["anchor"].Select(m => m.Rect.Attribute("stroke-dasharray")!.Value), Is.Not.Empty.And.All.EqualTo("none"));
        }

        static IEnumerable<double> Corner(XElement rect) => new[] { "x", "y" }.Select(name => double.Parse(rect.Attribute(name)!.Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Test]
    public async Task Hostile_text_stays_text_where_a_page_is_shown_by_its_words()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup { Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:Pages:DrawingTime"] = "00:00:00" } });
        var document = await UploadAsync(HandmadePdf.Of($"BT /F1 12 Tf 72 720 Td ({Hostile}) Tj ET"), host);

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
}
