using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Documents;

[TestFixture(DatabaseProvider.Sqlite, TransportKind.InProcess)]
[TestFixture(DatabaseProvider.PostgreSql, TransportKind.Redis)]
public sealed class DeleteDocumentTests(DatabaseProvider database, TransportKind transport)
{
    private const string Key = "0c9d2b8f6a1e4d7b93c5";

    private DoxHostFixture _host = null!;
    private HttpClient _other = null!;
    private HttpClient _reviewer = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Transport = transport,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["REQUIRE_AUTH"] = "true",
                ["API_KEY"] = Key,
                ["RATE_LIMIT_PER_USER_PER_DAY"] = "100000",
                ["RATE_LIMIT_PER_ACCOUNT_PER_DAY"] = "100000",
            },
        });
        _host.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
        (_other, _reviewer) = (await ClientOfAsync("olga", "another", "submitter"), await ClientOfAsync("rita", "another", "reviewer", "submitter"));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _other.Dispose();
        _reviewer.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task A_deleted_document_is_gone_with_its_content_and_its_run_is_cancelled()
    {
        var pdf = TestPdf.With("delete me");
        var (id, sha256, run) = await SendAsync(_host.Client, pdf);
        await _host.WhenQuiet();
        Assert.That(ContentFile(sha256), Does.Exist);

        var (status, answer) = await DeleteAsync(_host.Client, id, "asked for by the customer");
        await _host.WhenQuiet();

        using var again = await _host.Client.GetAsync($"/api/v1/documents/{id}");
        using var content = await _host.Client.GetAsync($"/api/v1/documents/{id}/content");
        using var others = await _other.GetAsync($"/api/v1/documents/{id}");
        var list = await _host.Client.GetJsonAsync("/api/v1/documents");
        var reviews = await _host.Client.GetJsonAsync($"/api/v1/reviews?document_id={id}");
        var audit = await _host.Client.GetJsonAsync($"/api/v1/audit?subject={id}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((status, (string?)answer["workflows_cancelled"]![0]), Is.EqualTo((HttpStatusCode.OK, run)), answer.ToString());
            Assert.That((again.StatusCode, (string?)(await again.JsonAsync())["code"]), Is.EqualTo((HttpStatusCode.Gone, "document_deleted")));
            Assert.That(content.StatusCode, Is.EqualTo(HttpStatusCode.Gone));
            Assert.That(others.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "to another account it never was");
            Assert.That(list["documents"]!.AsArray().Select(d => (string?)d!["document_id"]), Has.None.EqualTo(id));
            Assert.That(Directory.EnumerateFiles(Path.Combine(_host.DataFolder, "content"), $"*{sha256}*", SearchOption.AllDirectories), Is.Empty);
            Assert.That((string?)(await _host.Client.GetJsonAsync($"/api/v1/workflows/{run}"))["status"], Is.EqualTo("cancelled"));
            Assert.That(reviews["reviews"]!.AsArray().Select(r => (string?)r!["state"]), Is.EqualTo(["closed"]), "nobody is asked about it any more");
            Assert.That(audit["entries"]!.AsArray().Select(e => ((string?)e!["action"], (string?)e["actor"], (string?)e["reason"])), Is.EqualTo([("document.delete", "api-key", "asked for by the customer")]));
            Assert.That(await _host.InDb<OrchestrationDbContext, string>(async db => (await db.Documents.SingleAsync(d => d.Sha256 == sha256)) is var d ? d.FileName + d.Metadata + d.Validation + d.Fields : ""), Is.EqualTo("{}{}"));
            Assert.That(await _host.InDb<OrchestrationDbContext, int>(db => db.RaisedEvents.CountAsync(e => e.Type == "document_deleted" && e.Data.Contains(id))), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task Deleted_twice_it_is_deleted_once_and_the_answer_is_the_same()
    {
        var (id, _, _) = await SendAsync(_host.Client, TestPdf.With("delete me twice"));
        await _host.WhenQuiet();
        var first = await DeleteAsync(_host.Client, id);
        var second = await DeleteAsync(_host.Client, id);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Status, second.Status), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK)));
            // PostgreSQL keeps microseconds
            Assert.That((DateTimeOffset)second.Body["deleted_at"]!, Is.EqualTo((DateTimeOffset)first.Body["deleted_at"]!).Within(TimeSpan.FromMilliseconds(1)));
            Assert.That((await _host.Client.GetJsonAsync($"/api/v1/audit?subject={id}"))["entries"]!.AsArray(), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task What_is_under_legal_hold_stays_until_that_is_lifted()
    {
        var (id, sha256, _) = await SendAsync(_host.Client, TestPdf.With("a lawyer wants it"));
        await _host.WhenQuiet();
        using (var hold = await _host.Client.PutAsJsonAsync($"/api/v1/documents/{id}/hold", new { reason = "lawsuit" })) Assert.That(hold.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var held = await DeleteAsync(_host.Client, id);
        Assert.That((held.Status, (string?)held.Body["code"]), Is.EqualTo((HttpStatusCode.Conflict, "document_held")));
        Assert.That(ContentFile(sha256), Does.Exist);
        using (var lifted = await _host.Client.DeleteAsync($"/api/v1/documents/{id}/hold?reason=settled")) Assert.That(lifted.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await DeleteAsync(_host.Client, id)).Status, Is.EqualTo(HttpStatusCode.OK));
        using var late = await _host.Client.PutAsJsonAsync($"/api/v1/documents/{id}/hold", new { reason = "lawsuit" });
        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.Gone));
    }

    [Test]
    public async Task Another_accounts_is_not_there_and_who_only_reviews_it_may_not()
    {
        var (id, sha256, _) = await SendAsync(_host.Client, TestPdf.With("not yours"));
        await _host.WhenQuiet();

        var (theirs, reviewers) = (await DeleteAsync(_other, id), await DeleteAsync(_reviewer, id));

        Assert.That((theirs.Status, (string?)theirs.Body["code"]), Is.EqualTo((HttpStatusCode.NotFound, "document_not_found")));
        Assert.That(reviewers.Status, Is.EqualTo(HttpStatusCode.Forbidden), reviewers.Body.ToString());
        Assert.That(ContentFile(sha256), Does.Exist);
    }

    [Test]
    public async Task Bytes_that_another_account_sent_too_stay_until_both_are_deleted()
    {
        var pdf = TestPdf.With("sent by two accounts");
        var (mine, sha256, _) = await SendAsync(_host.Client, pdf);
        var (theirs, _, _) = await SendAsync(_other, pdf);
        await _host.WhenQuiet();

        await DeleteAsync(_host.Client, mine);
        await _host.WhenQuiet();
        Assert.That(await _other.GetByteArrayAsync($"/api/v1/documents/{theirs}/content"), Is.EqualTo(pdf));

        await DeleteAsync(_other, theirs);
        await _host.WhenQuiet();
        Assert.That(ContentFile(sha256), Does.Not.Exist);
    }

    [Test]
    public async Task Sent_again_it_is_a_new_document()
    {
        var pdf = TestPdf.With("comes back");
        var (old, _, _) = await SendAsync(_host.Client, pdf, key: "once");
        await _host.WhenQuiet();
        await DeleteAsync(_host.Client, old);
        await _host.WhenQuiet();

        using var keyed = await _host.Client.SendPdfAsync(pdf, key: "once");
        var (id, sha256, _) = await SendAsync(_host.Client, pdf);
        await _host.WhenQuiet();

        Assert.That(keyed.StatusCode, Is.EqualTo(HttpStatusCode.Gone), "the key stands for what was deleted");
        Assert.That(id, Is.Not.EqualTo(old));
        Assert.That(await _host.Client.GetByteArrayAsync($"/api/v1/documents/{id}/content"), Is.EqualTo(pdf));
        Assert.That(ContentFile(sha256), Does.Exist);
    }

    [Test]
    public async Task Whoever_sends_and_deletes_the_same_bytes_at_once_no_document_that_is_kept_loses_them()
    {
        var pdf = TestPdf.With("sent and deleted by many");
        for (var round = 0; round < 5; round++)
        {
            var (mine, _, _) = await SendAsync(_host.Client, pdf);
            var sent = SendAsync(_other, pdf);
            var deleted = DeleteAsync(_host.Client, mine);
            var (theirs, _, _) = await sent;
            Assert.That((await deleted).Status, Is.EqualTo(HttpStatusCode.OK));
            await _host.WhenQuiet();

            Assert.That(await _other.GetByteArrayAsync($"/api/v1/documents/{theirs}/content"), Is.EqualTo(pdf));
            await DeleteAsync(_other, theirs);
        }
    }

    private string ContentFile(string sha256) => Path.Combine(_host.DataFolder, "content", "sha256", sha256[..2], sha256[2..4], sha256);

    private async Task<HttpClient> ClientOfAsync(string name, string account, params string[] roles)
    {
        using var made = await _host.Client.PostAsJsonAsync("/api/v1/keys", new { name, account_id = account, roles });
        var client = new HttpClient { BaseAddress = _host.Client.BaseAddress };
        client.DefaultRequestHeaders.Add("X-API-Key", (string)(await made.JsonAsync())["api_key"]!);
        return client;
    }

    private static async Task<(string Id, string Sha256, string Run)> SendAsync(HttpClient client, byte[] pdf, string? key = null)
    {
        using var response = await client.SendPdfAsync(pdf, key: key);
        var answer = await response.JsonAsync();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), answer.ToString());
        return ((string)answer["document_id"]!, ((string)answer["file_hash"]!)["sha256:".Length..], (string)answer["workflow_id"]!);
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> DeleteAsync(HttpClient client, string id, string? reason = null)
    {
        using var response = await client.DeleteAsync($"/api/v1/documents/{id}{(reason is null ? "" : $"?reason={Uri.EscapeDataString(reason)}")}");
        return (response.StatusCode, await response.JsonAsync());
    }
}
