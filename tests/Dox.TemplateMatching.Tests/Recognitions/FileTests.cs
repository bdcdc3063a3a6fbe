using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;

namespace Dox.TemplateMatching.Tests.Recognitions;

/// <summary>Files that are sent to be recognised, read by a template, or learned from, over HTTP.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class FileTests(DatabaseProvider database)
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync(new DoxHostSetup { Database = database });

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task File_is_recognised_and_what_a_person_declares_it_to_be_teaches()
    {
        var (status, recognised) = await SendAsync("recognize", SampleLibrary.EarlierInvoice(21, TimeProvider.System), ("max_candidates", "1"), ("confidence_threshold", "0.999"));
        var id = (string)recognised["recognition_profile_id"]!;
        var shown = (await _host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/recognize/{id}"))!;
        using var declared = await _host.Client.PostAsJsonAsync($"/api/v1/recognize/{id}/declare", new { template_id = SampleLibrary.InvoiceFamily });
        var lessons = (await _host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/templates/{SampleLibrary.InvoiceFamily}/lessons"))!["lessons"]!.AsArray();
        using var undone = await _host.Client.DeleteAsync($"/api/v1/lessons/{(string)recognised["document_id"]!}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK), recognised.ToJsonString());
            Assert.That(((string?)recognised["decision"], recognised["candidates"]!.AsArray().Count), Is.EqualTo(("human_review", 1)), "0.999 accepts hardly anything");
            var evidence = shown["evidence"]!;
            Assert.That((string?)evidence["template_id"], Is.EqualTo(SampleLibrary.InvoiceFamily));
            Assert.That(evidence["anchors"]!.AsArray().Select(a => (double)a!["weight"]!), Is.Not.Empty.And.All.GreaterThan(0));
            Assert.That((double)evidence["needs"]!["score_missing"]! > 0 || evidence["needs"]!["obstacles"]!.AsArray().Count > 0, Is.True, evidence.ToJsonString());
            Assert.That((string?)shown["document_id"], Is.EqualTo((string?)recognised["document_id"]));
            Assert.That(declared.StatusCode, Is.EqualTo(HttpStatusCode.OK), await declared.Content.ReadAsStringAsync());
            Assert.That(lessons.Any(l => (string?)l!["document_id"] == (string?)recognised["document_id"]), Is.True);
            Assert.That(undone.StatusCode, Is.EqualTo(HttpStatusCode.OK), "its content is kept, so it can be taken back");
        }
    }

    [Test]
    public async Task Fields_are_read_by_any_template_from_a_file_and_from_a_document()
    {
        var invoice = SampleLibrary.Invoice(22, TimeProvider.System);
        var (status, fromFile) = await SendAsync($"templates/{SampleLibrary.InvoiceFamily}/extract", invoice);
        var recognised = (await SendAsync("recognize", invoice)).Body;
        using var answer = await _host.Client.PostAsJsonAsync($"/api/v1/templates/{SampleLibrary.InvoiceFamily}/extract", new { document_id = (string)recognised["document_id"]! });
        var fromDocument = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        using var other = await _host.Client.PostAsJsonAsync($"/api/v1/templates/{SampleLibrary.ClaimFamily}/extract", new { document_id = (string)recognised["document_id"]! });
        var byOther = (await other.Content.ReadFromJsonAsync<JsonNode>())!;
        var record = (await _host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/recognize/{(string)recognised["recognition_profile_id"]!}"))!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK), fromFile.ToJsonString());
            Assert.That((bool)fromFile["complete"]!, Is.True, fromFile.ToJsonString());
            Assert.That(fromDocument["fields"]!.ToJsonString(), Is.EqualTo(fromFile["fields"]!.ToJsonString()));
            Assert.That((bool)byOther["complete"]!, Is.False);
            Assert.That(record["field_mappings"]!.AsObject(), Is.Empty, "trying a template changes no record");
            Assert.That((await SendAsync("templates/none/extract", invoice)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        }
    }

    [Test]
    public async Task File_that_does_not_pass_validation_is_opened_by_nobody()
    {
        var named = SampleLibrary.TextNamedPdf(TimeProvider.System);
        foreach (var path in new[] { "recognize", "templates/learn", $"templates/{SampleLibrary.InvoiceFamily}/extract" })
        {
            var (status, body) = await SendAsync(path, named, ("template_id", "learned.nothing"));
            Assert.That((int)status, Is.EqualTo(415).Or.EqualTo(422), $"{path}: {body.ToJsonString()}");
            Assert.That(body["errors"]!.AsArray(), Is.Not.Empty, path);
        }

        Assert.That(Directory.EnumerateFiles(Path.Combine(_host.DataFolder, "content", "staged")), Is.Empty);
        Assert.That((await SendAsync("recognize", SampleLibrary.Claim(23, TimeProvider.System), ("max_candidates", "many"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await SendAsync("recognize", SampleLibrary.Claim(23, TimeProvider.System), ("max_candidates", "1000"))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Nothing_is_taken_unscanned_where_a_scanner_is_demanded()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["CLAMAV_ENABLED"] = "true", ["CLAMAV_HOST"] = "127.0.0.1", ["CLAMAV_PORT"] = "1" },
        });
        foreach (var path in new[] { "recognize", "templates/learn", $"templates/{SampleLibrary.InvoiceFamily}/extract" })
            Assert.That((await SendAsync(host, path, SampleLibrary.Claim(24, TimeProvider.System), ("template_id", "learned.unscanned"))).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable), path);
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(string path, Sample sample, params (string Name, string Value)[] fields) => SendAsync(_host, path, sample, fields);

    private static async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(DoxHostFixture host, string path, Sample sample, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(sample.Content);
        file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
        form.Add(file, "file", sample.FileName);
        foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
        using var answer = await host.Client.PostAsync($"/api/v1/{path}", form);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
