using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Documents;

[TestFixture(DatabaseProvider.Sqlite, TransportKind.InProcess)]
[TestFixture(DatabaseProvider.PostgreSql, TransportKind.Redis)]
public sealed class UploadTests(DatabaseProvider database, TransportKind transport)
{
    private DoxHostFixture _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await DoxHostFixture.StartAsync(new DoxHostSetup
    {
        Database = database,
        Transport = transport,
        Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["RATE_LIMIT_PER_USER_PER_DAY"] = "100000", ["RATE_LIMIT_PER_ACCOUNT_PER_DAY"] = "100000" },
    });

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task An_accepted_document_is_answered_with_what_clients_rely_on()
    {
        using var response = await _host.Client.SendPdfAsync(TestPdf.With("relied on"), metadata: """{"customer": "4711"}""");
        var answer = await response.JsonAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), answer.ToString());
            Assert.That((bool)answer["success"]!, Is.True);
            Assert.That((string?)answer["document_id"], Does.Match("^doc_[0-9a-f]{32}$"));
            Assert.That((string?)answer["file_hash"], Does.Match("^sha256:[0-9a-f]{64}$"));
            Assert.That((string?)answer["workflow_id"], Does.Match("^wf_[0-9a-f]{32}$"));
            Assert.That((string?)answer["validation_result"]!["final_status"], Is.EqualTo("valid"));
            Assert.That((int)answer["validation_result"]!["steps_completed"]!, Is.EqualTo(5));
            Assert.That((string?)answer["next_steps"]!["document_classification"], Does.Contain((string)answer["document_id"]!));
            Assert.That(response.Headers.Location?.ToString(), Is.EqualTo($"/api/v1/documents/{answer["document_id"]}"));
            Assert.That(response.Headers.Contains("RateLimit"), Is.True);
        }
    }

    [Test]
    public async Task The_same_content_again_is_answered_with_the_document_that_is_there()
    {
        var pdf = TestPdf.With("sent twice");
        using var first = await _host.Client.SendPdfAsync(pdf);
        using var second = await _host.Client.SendPdfAsync(pdf);
        var (one, two) = (await first.JsonAsync(), await second.JsonAsync());

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)two["document_id"], Is.EqualTo((string?)one["document_id"]));
            Assert.That((bool)one["duplicate"]!, Is.False);
            Assert.That((bool)two["duplicate"]!, Is.True);
        }
    }

    [Test]
    public async Task Many_uploads_of_the_same_bytes_at_once_make_one_document_and_one_run()
    {
        var pdf = TestPdf.With("sent by many");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await _host.Client.SendPdfAsync(pdf);
            return (response.StatusCode, Body: await response.JsonAsync());
        }));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Select(a => a.StatusCode), Is.All.EqualTo(HttpStatusCode.Accepted), answers[0].Body.ToString());
            Assert.That(answers.Select(a => (string)a.Body["document_id"]!).Distinct(StringComparer.Ordinal).Count(), Is.EqualTo(1));
            Assert.That(answers.Count(a => !(bool)a.Body["duplicate"]!), Is.EqualTo(1));
        }

        var id = SharedKernel.Ids.Id<SharedKernel.Ids.Workflow>.Parse((string)answers[0].Body["workflow_id"]!, null);
        await _host.WhenQuiet();
        var runs = await _host.InDb<OrchestrationDbContext, int>(async db => await db.OpenRuns.CountAsync(r => r.Id == id) + await db.EndedRuns.CountAsync(r => r.Id == id));
        Assert.That(runs, Is.EqualTo(1));
    }

    [Test]
    public async Task An_idempotency_key_answers_the_same_again_and_refuses_other_content()
    {
        using var first = await _host.Client.SendPdfAsync(TestPdf.With("keyed"), key: "key-1");
        using var again = await _host.Client.SendPdfAsync(TestPdf.With("keyed"), key: "key-1");
        using var other = await _host.Client.SendPdfAsync(TestPdf.With("something else"), key: "key-1");
        var problem = await other.JsonAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)(await again.JsonAsync())["document_id"], Is.EqualTo((string?)(await first.JsonAsync())["document_id"]));
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
            Assert.That((string?)problem["code"], Is.EqualTo("idempotency_key_reused"));
        }
    }

    [Test]
    public async Task A_refused_document_leaves_nothing()
    {
        var before = await CountAsync();
        using var response = await _host.Client.SendPdfAsync("this is no PDF"u8.ToArray());
        var problem = await response.JsonAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType), problem.ToString());
            Assert.That(problem["errors"]!.AsArray(), Is.Not.Empty);
            Assert.That(await CountAsync(), Is.EqualTo(before));
            Assert.That(Directory.EnumerateFiles(Path.Combine(_host.DataFolder, "content", "staged")), Is.Empty);
        }
    }

    [Test]
    public async Task One_trace_leads_from_the_request_over_each_check_and_step_to_what_the_run_sent_other_modules()
    {
        using var trace = new Activity("a sender's").Start();
        trace.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        using var response = await _host.Client.SendPdfAsync(TestPdf.With("traced"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await _host.WhenQuiet();
        var spans = _host.Spans.Of(trace.TraceId).Select(s => s.DisplayName).ToList();

        Assert.That(spans, Is.SupersetOf(new[]
        {
            "POST /api/v1/documents", "validate file_size", "validate mime_type", "validate virus_scan", "validate rate_limit", "validate format_validation", "run advance", "match",
            "template-matching.recognize-template.v1 handle", "team-coordination.open-review.v1 handle",
        }));
    }

    [Test]
    public async Task The_content_comes_back_as_it_was_sent_and_in_ranges()
    {
        var pdf = TestPdf.With("to be downloaded");
        using var sent = await _host.Client.SendPdfAsync(pdf);
        var document = (string)(await sent.JsonAsync())["document_id"]!;
        await _host.WhenQuiet();

        using var range = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/documents/{document}/content");
        range.Headers.Range = new(0, 7);
        using var part = await _host.Client.SendAsync(range);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await _host.Client.GetByteArrayAsync($"/api/v1/documents/{document}/content"), Is.EqualTo(pdf));
            Assert.That(part.StatusCode, Is.EqualTo(HttpStatusCode.PartialContent));
            Assert.That(await part.Content.ReadAsByteArrayAsync(), Is.EqualTo(pdf[..8]));
        }
    }

    [Test]
    public async Task A_rejected_review_ends_the_run_with_the_reviewers_words()
    {
        using var sent = await _host.Client.SendPdfAsync(TestPdf.With("a letter of no known form"));
        var answer = await sent.JsonAsync();
        await _host.WhenQuiet();
        var status = await _host.Client.GetJsonAsync($"/api/v1/documents/{answer["document_id"]}/status");
        Assert.That((string?)status["status"], Is.EqualTo("in_review"), status.ToString());

        var reviews = await _host.Client.GetJsonAsync($"/api/v1/reviews?document_id={answer["document_id"]}");
        var review = (string)reviews["reviews"]![0]!["review_id"]!;
        using var rejected = await _host.Client.PostAsJsonAsync($"/api/v1/reviews/{review}/reject", new { reason = "Not for us." });
        Assert.That(rejected.StatusCode, Is.EqualTo(HttpStatusCode.OK), await rejected.Content.ReadAsStringAsync());
        await _host.WhenQuiet();

        var end = await _host.Client.GetJsonAsync($"/api/v1/workflows/{answer["workflow_id"]}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)end["status"], Is.EqualTo("failed"), end.ToString());
            Assert.That((string?)end["error"]!["message"], Does.Contain("Not for us."));
        }
    }

    private Task<int> CountAsync() => _host.InDb<OrchestrationDbContext, int>(db => db.Documents.CountAsync());
}
