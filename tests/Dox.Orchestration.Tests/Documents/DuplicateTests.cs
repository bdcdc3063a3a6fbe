using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Documents;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class DuplicateTests(DatabaseProvider database)
{
    private string _rules = null!;
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _rules = Directory.CreateTempSubdirectory("dox-rules-").FullName;
        var shipped = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "workflows", "process_document_upload.yaml"));
        foreach (var policy in new[] { "reject", "new_version" })
        {
            var rule = shipped.Replace("name: process_document_upload", $"name: {policy}_duplicates", StringComparison.Ordinal)
                .Replace("configuration:", $"configuration:\n  duplicates: {policy}", StringComparison.Ordinal)
                .Replace("source: POST /api/documents/upload", "source: sent to by name", StringComparison.Ordinal).Replace("type: api_request", "type: manual", StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(_rules, $"{policy}.yaml"), rule);
        }

        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["WORKFLOW_RULES_PATH"] = _rules, ["RATE_LIMIT_PER_USER_PER_DAY"] = "10000", ["RATE_LIMIT_PER_ACCOUNT_PER_DAY"] = "10000" },
        });
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        Directory.Delete(_rules, recursive: true);
    }

    [Test]
    public async Task A_hundred_uploads_of_the_same_bytes_at_once_make_one_content_one_run_and_99_answers_that_name_it()
    {
        var pdf = TestPdf.With("sent by a hundred");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => SendAsync(pdf)));
        await _host.WhenQuiet();

        Assert.That(answers.Select(a => a.Status), Is.All.EqualTo(HttpStatusCode.Accepted));
        var id = answers.Select(a => (string)a.Body["document_id"]!).Distinct(StringComparer.Ordinal).Single();
        Assert.That(answers.Count(a => (bool)a.Body["duplicate"]!), Is.EqualTo(99));
        Assert.That(answers.Select(a => (string?)a.Body["workflow_id"]).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1));
        var hash = ((string)answers[0].Body["file_hash"]!)["sha256:".Length..];
        Assert.That(await _host.InDb<OrchestrationDbContext, int>(db => db.Documents.CountAsync(d => d.Sha256 == hash)), Is.EqualTo(1), id);
        Assert.That(Directory.EnumerateFiles(Path.Combine(_host.DataFolder, "content"), "*", SearchOption.AllDirectories).Count(f => f.EndsWith(hash, StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(Directory.EnumerateFiles(Path.Combine(_host.DataFolder, "content", "staged")), Is.Empty);
    }

    [Test]
    public async Task An_answer_names_the_twin_and_how_it_stands()
    {
        var pdf = TestPdf.With("how does it stand");
        var (_, first) = await SendAsync(pdf);
        await _host.WhenQuiet();
        var (_, second) = await SendAsync(pdf);

        Assert.That(((string?)second["document_id"], (string?)second["document_status"], (bool)second["duplicate"]!), Is.EqualTo(((string?)first["document_id"], "in_review", true)));
    }

    [Test]
    public async Task A_document_that_came_to_nothing_does_not_stand_in_the_way_of_its_twin()
    {
        var pdf = TestPdf.With("rejected first");
        var (_, first) = await SendAsync(pdf);
        await RejectAsync((string)first["document_id"]!);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SendAsync(pdf)));
        await _host.WhenQuiet();
        var second = answers.Select(a => a.Body).Single(a => !(bool)a["duplicate"]!);
        var old = await _host.Client.GetJsonAsync($"/api/v1/documents/{first["document_id"]}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)second["document_id"], Is.Not.EqualTo((string?)first["document_id"]));
            Assert.That((string?)second["replaces"], Is.EqualTo((string?)first["document_id"]));
            Assert.That(answers.Select(a => (string?)a.Body["document_id"]).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1), "all get the new one");
            Assert.That(((bool)old["superseded"]!, (string?)old["status"]), Is.EqualTo((true, "failed")), "the old one can still be looked at");
        }
    }

    [Test]
    public async Task A_rule_may_refuse_duplicates_and_names_the_twin()
    {
        var pdf = TestPdf.With("only once");
        var (_, first) = await SendAsync(pdf, "reject_duplicates");
        var (status, problem) = await SendAsync(pdf, "reject_duplicates");

        Assert.That((status, (string?)problem["code"], (string?)problem["details"]!["document_id"]), Is.EqualTo((HttpStatusCode.Conflict, "duplicate_document", (string?)first["document_id"])));
    }

    [Test]
    public async Task A_rule_may_take_duplicates_for_new_versions()
    {
        var pdf = TestPdf.With("twice is fine");
        var (_, first) = await SendAsync(pdf, "new_version_duplicates");
        await _host.WhenQuiet();
        var (_, second) = await SendAsync(pdf, "new_version_duplicates");

        Assert.That(((bool)second["duplicate"]!, (string?)second["replaces"]), Is.EqualTo((false, (string?)first["document_id"])));
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(byte[] pdf, string? rule = null)
    {
        using var response = await _host.Client.SendPdfAsync(pdf, rule);
        return (response.StatusCode, await response.JsonAsync());
    }

    private async Task RejectAsync(string document)
    {
        await _host.WhenQuiet();
        var reviews = await _host.Client.GetJsonAsync($"/api/v1/reviews?document_id={document}");
        using var rejected = await _host.Client.PostAsJsonAsync($"/api/v1/reviews/{reviews["reviews"]![0]!["review_id"]}/reject", new { reason = "Not for us." });
        Assert.That(rejected.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await _host.WhenQuiet();
    }
}
