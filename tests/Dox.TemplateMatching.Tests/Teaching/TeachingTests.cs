using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Teaching;
using Dox.Testing;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Tests.Teaching;

/// <summary>People decide reviews, and the templates learn from it; all over HTTP, as a reviewer's page does it.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class TeachingTests(DatabaseProvider database)
{
    private DirectoryInfo _folder = null!;
    private DirectoryInfo _rules = null!;
    private DoxHostFixture _host = null!;

    [SetUp]
    public async Task Start()
    {
        _folder = Directory.CreateTempSubdirectory("dox-templates-");
        _rules = Directory.CreateTempSubdirectory("dox-rules-");
        await AskingAsync("process_document_upload");
        await AskingAsync("recognize_template_from_document");
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:TemplatesPath"] = _folder.FullName, ["Dox:Rules:Path:0"] = _rules.FullName },
        });
        await LearnAsync("learned.invoice", SampleLibrary.Invoice(1, TimeProvider.System), SampleLibrary.Invoice(2, TimeProvider.System));
        await LearnAsync("learned.claim", SampleLibrary.Claim(1, TimeProvider.System), SampleLibrary.Claim(2, TimeProvider.System));
    }

    [TearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
        _rules.Delete(recursive: true);
    }

    [Test]
    public async Task Reviewers_confirmation_changes_the_next_documents_result_and_undoing_it_changes_it_back()
    {
        var (first, next) = (await UploadAsync(SampleLibrary.EarlierInvoice(3, TimeProvider.System)), await UploadAsync(SampleLibrary.EarlierInvoice(4, TimeProvider.System)));
        var before = await RecognizeAsync(next);
        Assert.That(before.Template, Is.EqualTo("learned.invoice"), "one layout before the one that was learned");

        await ApproveAsync(first, "learned.invoice");
        var taught = await RecognizeAsync(next);
        using var undone = await _host.Client.DeleteAsync($"/api/v1/lessons/{first}");
        var back = await RecognizeAsync(next);

        var versions = (await GetAsync("templates/learned.invoice/versions"))["versions"]!.AsArray().Select(v => (string)v!["origin"]!);
        var lesson = (await GetAsync("templates/learned.invoice/lessons"))["lessons"]![0]!;
        Assert.Multiple(() =>
        {
            Assert.That(taught.Confidence, Is.GreaterThan(before.Confidence));
            Assert.That(undone.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(back, Is.EqualTo(before));
            Assert.That(versions, Is.EqualTo(new[] { "taught", "taught", "learned" }));
            Assert.That(((string?)lesson["document_id"], (bool)lesson["is_example"]!, (int)lesson["revision"]!, (int)lesson["undone_revision"]!), Is.EqualTo((first, true, 2, 3)));
        });
        using var again = await _host.Client.DeleteAsync($"/api/v1/lessons/{first}");
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Reviewers_correction_counts_for_the_right_template_and_against_the_wrong_one_until_the_version_before_is_restored()
    {
        var (first, next) = (await UploadAsync(SampleLibrary.EarlierInvoice(5, TimeProvider.System)), await UploadAsync(SampleLibrary.EarlierInvoice(6, TimeProvider.System)));
        var before = await RecognizeAsync(next);

        await ApproveAsync(first, "learned.claim");
        var corrected = await RecognizeAsync(next);
        var lessons = await _host.InDb<TemplateMatchingDbContext, List<string>>(
            db => db.Lessons.OrderBy(l => l.TemplateId).Select(l => $"{l.TemplateId} {l.IsExample}").ToListAsync());
        foreach (var id in new[] { "learned.claim", "learned.invoice" })
        {
            using var restored = await _host.Client.PostAsJsonAsync($"/api/v1/templates/{id}/restore", new { reason = "the reviewer was wrong" });
            Assert.That(restored.StatusCode, Is.EqualTo(HttpStatusCode.OK), await restored.Content.ReadAsStringAsync());
        }

        Assert.Multiple(async () =>
        {
            Assert.That(lessons.Select(l => l.ToLowerInvariant()), Is.EqualTo(new[] { "learned.claim true", "learned.invoice false" }).Or.EqualTo(new[] { "learned.claim 1", "learned.invoice 0" }));
            Assert.That(corrected, Is.Not.EqualTo(before));
            Assert.That(await RecognizeAsync(next), Is.EqualTo(before));
        });
        using var nothing = await _host.Client.DeleteAsync($"/api/v1/lessons/{first}");
        Assert.That(nothing.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "the restored versions know nothing of it");
    }

    [Test]
    public async Task Recognition_of_a_stored_document_asks_a_person_and_says_what_was_learned()
    {
        var document = await UploadAsync(SampleLibrary.EarlierInvoice(7, TimeProvider.System));
        var reference = await _host.InDb<TemplateMatchingDbContext, DocumentRef>(async db => (await db.Recognitions.AsNoTracking().FirstAsync(r => r.DocumentId == Id<Document>.Parse(document, null))).Document);
        using var started = await _host.Client.PostAsJsonAsync(
            "/api/v1/workflows", new { rule_name = "recognize_template_from_document", context = new { document = new { id = reference.Id.ToString(), sha256 = reference.Sha256, length = reference.Length, media_type = reference.MediaType } } });
        var workflow = (string)(await started.Content.ReadFromJsonAsync<JsonNode>())!["workflow_id"]!;
        await _host.WhenQuiet();

        await ApproveRunAsync(workflow, "learned.invoice");

        var run = await GetAsync($"workflows/{workflow}");
        var outcome = run["context"]!["outcome"]!;
        Assert.Multiple(() =>
        {
            Assert.That((string?)run["status"], Is.EqualTo("success"), run.ToJsonString());
            Assert.That(((string?)outcome["outcome"], (bool)outcome["model_updated"]!), Is.EqualTo(("confirmed", true)));
            Assert.That(outcome["learned"]!.AsArray().Select(l => (string?)l!["template_id"]), Is.EqualTo(new[] { "learned.invoice" }));
            Assert.That((string?)run["context"]!["extraction"]!["template_id"], Is.EqualTo("learned.invoice"));
        });
    }

    [Test]
    public async Task What_cannot_be_learned_is_refused_and_nothing_of_it_is_kept()
    {
        var invoice = SampleLibrary.Invoice(8, TimeProvider.System);
        Assert.Multiple(async () =>
        {
            Assert.That(await LearnedCodeAsync("learned.invoice", invoice), Is.EqualTo("template_exists"));
            Assert.That(await LearnedCodeAsync("", invoice), Is.EqualTo("template_id_missing"));
            Assert.That(await LearnedCodeAsync("Bad Id", invoice), Is.EqualTo("template_invalid"));
            Assert.That(await LearnedCodeAsync("learned.scan", SampleLibrary.Scan(8, TimeProvider.System)), Is.EqualTo("sample_without_text"));
            Assert.That(await LearnedCodeAsync("learned.locked", SampleLibrary.Encrypted(8, TimeProvider.System)), Is.EqualTo("password_required"), "as where it is sent as a document");
            Assert.That(await LearnedCodeAsync("learned.many", [.. Enumerable.Repeat(invoice, 6)]), Is.EqualTo("too_many_files"));
            Assert.That(Directory.EnumerateFiles(Path.Combine(_host.DataFolder, "content", "staged")), Is.Empty);
            Assert.That(
                () => _host.SendAsync(new LearnTemplate.Command("learned.mine", null, null, []), new Caller("rita", "acme", [Role.Reviewer], [])),
                Throws.TypeOf<DoxException>().With.Property("Status").EqualTo(403));
        });
    }

    /// <summary>A newer version of a shipped rule that asks a person about nearly every match.</summary>
    private async Task AskingAsync(string rule)
    {
        var shipped = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "workflows", $"{rule}.yaml"));
        await File.WriteAllTextAsync(Path.Combine(_rules.FullName, $"{rule}.yaml"), shipped
            .Replace("version: \"1.0.0\"", "version: \"1.0.1\"", StringComparison.Ordinal)
            .Replace("template_confidence_high: 0.85", "template_confidence_high: 0.999", StringComparison.Ordinal));
    }

    private async Task LearnAsync(string id, params Sample[] samples)
    {
        using var answer = await SendAsync(id, samples);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), body.ToJsonString());
        Assert.That(((int)body["samples"]!, body["template"]!["match"]!["anchors"]!.AsArray().Count > 5, body["template"]!["fields"]!.AsObject().Count > 2), Is.EqualTo((samples.Length, true, true)), body.ToJsonString());
    }

    private async Task<string?> LearnedCodeAsync(string id, params Sample[] samples)
    {
        using var answer = await SendAsync(id, samples);
        return (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>())!["error"];
    }

    private async Task<HttpResponseMessage> SendAsync(string id, Sample[] samples)
    {
        using var form = new MultipartFormDataContent();
        foreach (var sample in samples)
        {
            var file = new ByteArrayContent(sample.Content);
            file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
            form.Add(file, "file", sample.FileName);
        }

        form.Add(new StringContent(id), "template_id");
        form.Add(new StringContent($"Learned {id}"), "name");
        return await _host.Client.PostAsync("/api/v1/templates/learn", form);
    }

    private async Task<string> UploadAsync(Sample sample)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(sample.Content);
        file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
        form.Add(file, "file", sample.FileName);
        using var answer = await _host.Client.PostAsync("/api/v1/documents", form);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), body.ToJsonString());
        await _host.WhenQuiet();
        return (string)body["document_id"]!;
    }

    private async Task<(string? Template, double Confidence)> RecognizeAsync(string document)
    {
        using var answer = await _host.Client.PostAsJsonAsync("/api/v1/recognize", new { document_id = document });
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        return ((string?)body["template_matched"]?["template_id"], (double)body["confidence"]!);
    }

    private async Task ApproveAsync(string document, string template) => await ApproveRunAsync((string)(await GetAsync($"documents/{document}"))["workflow_id"]!, template);

    private async Task ApproveRunAsync(string workflow, string template)
    {
        var review = (await GetAsync("reviews"))["reviews"]!.AsArray().Single(r => (string?)r!["workflow_id"] == workflow && (string?)r["state"] == "open")!;
        using var answer = await _host.Client.PostAsJsonAsync($"/api/v1/reviews/{(string)review["review_id"]!}/approve", new { template_id = template });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        await _host.WhenQuiet();
    }

    private async Task<JsonNode> GetAsync(string path) => (await _host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/{path}"))!;
}
