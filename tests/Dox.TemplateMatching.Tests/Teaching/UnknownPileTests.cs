using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Unknown;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Tests.Teaching;

/// <summary>Documents that nobody knows propose templates, over HTTP.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class UnknownPileTests(DatabaseProvider database)
{
    private DirectoryInfo _folder = null!;
    private DoxHostFixture _host = null!;

    [SetUp]
    public async Task Start()
    {
        _folder = Directory.CreateTempSubdirectory("dox-templates-");
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:TemplateMatching:TemplatesPath"] = _folder.FullName },
        });
    }

    [TearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Three_unknown_documents_of_one_layout_propose_a_template_that_knows_the_fourth()
    {
        await RecognizeAsync(SampleLibrary.Invoice(41, TimeProvider.System));
        await RecognizeAsync(SampleLibrary.Claim(41, TimeProvider.System));
        await RecognizeAsync(SampleLibrary.Invoice(42, TimeProvider.System));
        await RecognizeAsync(SampleLibrary.Invoice(42, TimeProvider.System));
        var tooFew = await GetAsync("templates/drafts");
        var third = await RecognizeAsync(SampleLibrary.Invoice(43, TimeProvider.System));
        await _host.WhenQuiet();
        var draft = (await GetAsync("templates/drafts"))["drafts"]!.AsArray().Single()!;
        var id = (string)draft["draft_id"]!;
        var whole = await GetAsync($"templates/drafts/{id}");
        var team = await GetAsync("teams/Document");

        using var published = await _host.Client.PostAsJsonAsync($"/api/v1/templates/drafts/{id}/publish", new { template_id = "acme.invoice", name = "Acme" });
        var fourth = await RecognizeAsync(SampleLibrary.Invoice(44, TimeProvider.System));
        using var again = await _host.Client.PostAsJsonAsync($"/api/v1/templates/drafts/{id}/publish", new { });
        var lessons = (await GetAsync("templates/acme.invoice/lessons"))["lessons"]!.AsArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)third["decision"], Is.EqualTo("unknown"), third.ToJsonString());
            Assert.That((int)tooFew["count"]!, Is.Zero, "the same bytes twice say nothing new");
            Assert.That(((int)draft["documents"]!, (string?)draft["state"]), Is.EqualTo((3, "open")));
            Assert.That(whole["documents"]!.AsArray(), Has.Count.EqualTo(3));
            Assert.That(team.ToJsonString(), Does.Contain("3 unknown documents look alike"));
            Assert.That(published.StatusCode, Is.EqualTo(HttpStatusCode.OK), await published.Content.ReadAsStringAsync());
            Assert.That((string?)fourth["template_matched"]?["template_id"], Is.EqualTo("acme.invoice"), fourth.ToJsonString());
            Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(lessons, Has.Count.EqualTo(3), "each can be taken back");
        }
    }

    [Test]
    public async Task Dismissed_draft_is_not_proposed_again_and_all_of_it_is_forgotten_in_time()
    {
        for (var seed = 51; seed <= 53; seed++) await RecognizeAsync(SampleLibrary.Claim(seed, TimeProvider.System));
        var id = (string)(await GetAsync("templates/drafts"))["drafts"]!.AsArray().Single()!["draft_id"]!;
        using var dismissed = await _host.Client.PostAsJsonAsync($"/api/v1/templates/drafts/{id}/dismiss", new { reason = "no form of ours" });
        for (var seed = 54; seed <= 56; seed++) await RecognizeAsync(SampleLibrary.Claim(seed, TimeProvider.System));
        using var publishing = await _host.Client.PostAsJsonAsync($"/api/v1/templates/drafts/{id}/publish", new { });
        var audit = (await GetAsync($"audit?subject={id}"))["entries"]!.AsArray();
        var kept = await _host.InDb<TemplateMatchingDbContext, int>(db => db.UnknownDocuments.CountAsync(d => d.DraftId == id));
        var left = await _host.InDb<TemplateMatchingDbContext, int>(async db =>
        {
            await UnknownSweep.SweepAsync(db, new TemplateMatchingOptions(), TimeProvider.System.GetUtcNow().AddDays(31), CancellationToken.None);
            return await db.UnknownDocuments.CountAsync() + await db.TemplateDrafts.CountAsync();
        });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(dismissed.StatusCode, Is.EqualTo(HttpStatusCode.OK), await dismissed.Content.ReadAsStringAsync());
            Assert.That((int)(await GetAsync("templates/drafts"))["count"]!, Is.Zero);
            Assert.That(publishing.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(audit.Select(e => ((string?)e!["module"], (string?)e["action"], (string?)e["reason"])), Is.EqualTo(new[] { ("TemplateMatching", "template.dismiss_draft", "no form of ours") }));
            Assert.That((kept, left), Is.EqualTo((6, 0)));
        }
    }

    [Test]
    public async Task More_than_are_kept_are_forgotten_the_oldest_first()
    {
        var ids = new List<string>();
        for (var seed = 61; seed <= 63; seed++) ids.Add((string)(await RecognizeAsync(seed == 62 ? SampleLibrary.Claim(seed, TimeProvider.System) : SampleLibrary.Invoice(seed, TimeProvider.System)))["document_id"]!);

        var left = await _host.InDb<TemplateMatchingDbContext, List<string>>(async db =>
        {
            await UnknownSweep.SweepAsync(db, new TemplateMatchingOptions { UnknownMost = 2 }, TimeProvider.System.GetUtcNow(), CancellationToken.None);
            return (await db.UnknownDocuments.OrderBy(d => d.Seen).ToListAsync()).ConvertAll(d => d.DocumentId.ToString());
        });

        Assert.That(left, Is.EqualTo(ids[1..]));
    }

    private async Task<JsonNode> RecognizeAsync(Sample sample)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(sample.Content);
        file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
        form.Add(file, "file", sample.FileName);
        using var answer = await _host.Client.PostAsync("/api/v1/recognize", form);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body.ToJsonString());
        return body;
    }

    private async Task<JsonNode> GetAsync(string path) => (await _host.Client.GetFromJsonAsync<JsonNode>($"/api/v1/{path}"))!;
}
