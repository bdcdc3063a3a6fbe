using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.Http;

/// <summary>
/// What clients of the platform's earlier services read is in our answers: design 11, "Fields that clients rely on", line by line and with the
/// paths that they use. A member that ends in <c>[]</c> is a list of one or more, whose first is looked at.
/// </summary>
public sealed class EarlierClientsTests
{
    private DoxHostFixture _host = null!;
    private string _document = null!;
    private string _run = null!;
    private JsonNode _accepted = null!;

    [OneTimeSetUp]
    public async Task A_document_that_came_in_the_earlier_way()
    {
        _host = await DoxHostFixture.StartAsync();
        (var status, _accepted) = await UploadAsync("/api/documents/upload");
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), _accepted.ToJsonString());
        _document = (string)_accepted["document_id"]!;
        _run = (string)(await _host.Client.AtRestAsync(_document))["workflow_id"]!;
    }

    [OneTimeTearDown]
    public Task Stop() => _host.DisposeAsync().AsTask();

    [Test]
    public void Upload() => Has(
        _accepted, "success", "document_id", "file_hash", "workflow_id", "storage_location", "validation_result.final_status", "validation_result.steps_completed",
        "next_steps.document_classification", "next_steps.field_extraction", "timestamp");

    [Test]
    public void Hash_and_count_are_of_the_earlier_form() => Assert.Multiple(() =>
    {
        Assert.That((string)_accepted["file_hash"]!, Does.Match("^sha256:[0-9a-f]{64}$"));
        Assert.That((int)_accepted["validation_result"]!["steps_completed"]!, Is.EqualTo(5));
    });

    [Test]
    public async Task Start_status_and_verbs()
    {
        var started = await PostAsync("/api/workflows", new { rule_name = "recognize_template_from_document", context = new { document = new { } } }, HttpStatusCode.Created);
        Has(started, "success", "workflow_id", "rule_name", "status", "timestamp");
        Assert.That((string)started["status"]!, Is.EqualTo("started"));

        var sync = await PostAsync("/api/workflows", new { rule_name = "sync_team_coordination" }, HttpStatusCode.Created);
        var path = $"/api/workflows/{sync["workflow_id"]}";
        var ended = await EndedAsync(path);
        Has(ended, "success", "workflow_id", "rule_name", "service", "status", "start_time", "steps_completed", "step_results", "context", "timestamp", "completed", "state_history");
        Assert.That(((JsonObject)ended).ContainsKey("current_step"));
        Has(ended["step_results"]!.AsObject().First().Value!, "status", "duration_ms");
        var history = ended["state_history"]!.AsArray();
        Assert.That(history.Select(state => (string)state!["state"]!), Is.EqualTo(new[] { "running", "success" }));
        foreach (var state in history) Assert.That(((JsonObject)state!).Select(member => member.Key), Is.SupersetOf(new[] { "state", "timestamp", "reason" }));
    }

    [Test]
    public async Task Verbs_answer_with_the_runs_state()
    {
        var started = await PostAsync("/api/workflows", new { rule_name = "test_service_integration", context = new { service = "dox-core-auth", api = new { endpoints = Array.Empty<object>() } } }, HttpStatusCode.Created);
        var path = $"/api/workflows/{started["workflow_id"]}";
        await WhenAsync(path, run => (string?)run["status"] == "waiting_for_human");
        foreach (var verb in new[] { "pause", "resume" }) Has(await PostAsync($"{path}/{verb}", new { }, HttpStatusCode.OK), "success", "workflow_id", "status", "timestamp");
        using var cancelled = await _host.Client.DeleteAsync(new Uri(path, UriKind.Relative));
        Has((await cancelled.Content.ReadFromJsonAsync<JsonNode>())!, "success", "workflow_id", "status", "timestamp");
        var history = (await GetAsync(path))["state_history"]!.AsArray();
        Assert.That(history.Select(state => (string)state!["state"]!), Is.EqualTo(new[] { "running", "waiting_for_human", "paused", "waiting_for_human", "cancelled" }));
        Assert.That((string)history[^1]!["reason"]!, Does.StartWith("cancel by"));
    }

    [Test]
    public async Task List_of_runs()
    {
        var list = await GetAsync("/api/workflows?limit=1&offset=0");
        Has(list, "success", "workflows[].workflow_id", "workflows[].rule_name", "workflows[].status", "workflows[].service", "workflows[].start_time", "workflows[].updated_at",
            "workflows[].duration_seconds", "workflows[].active", "workflows[].completed", "count", "timestamp");
        Assert.That((int)list["count"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task Rules() => Has(
        await GetAsync("/api/rules"), "success", "rules[].name", "rules[].service", "rules[].version", "rules[].priority", "rules[].description", "rules[].steps_count", "rules[].trigger_type",
        "count", "timestamp");

    [Test]
    public async Task Sync() => Has(await PostAsync("/api/coordination/sync", new { }, HttpStatusCode.OK), "success", "sync_id", "teams_updated", "timestamp");

    [Test]
    public async Task Health_of_services()
    {
        var health = await GetAsync("/api/services/health");
        Has(health, "success", "services", "timestamp");
        foreach (var (_, service) in health["services"]!.AsObject()) Assert.That(((JsonObject)service!).Select(member => member.Key), Is.SupersetOf(new[] { "status", "last_check", "response_time_ms", "error" }));
    }

    [Test]
    public async Task Validation_of_a_file()
    {
        var (status, answer) = await UploadAsync("/api/validate/file");
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), answer.ToJsonString());
        Has(answer, "success", "validation_result", "timestamp");
        Assert.That(((JsonObject)answer["validation_result"]!).Select(member => member.Key), Is.SupersetOf(new[]
        {
            "original_filename", "file_hash", "file_size", "file_extension", "mime_type", "validation_timestamp", "steps_completed", "steps_failed", "errors", "warnings", "rate_limit_info",
            "virus_scan_result", "format_validation_result", "final_status", "validation_duration",
        }));
        Assert.That((string)answer["validation_result"]!["final_status"]!, Is.EqualTo("valid"));
    }

    [Test]
    public async Task Check_of_the_rate()
    {
        var answer = await PostAsync("/api/validate/rate-check", new { }, HttpStatusCode.OK);
        Has(answer, "within_limit", "rate_limit_info", "timestamp");
        Assert.That(((JsonObject)answer["rate_limit_info"]!).Select(member => member.Key), Is.SupersetOf(new[]
        {
            "within_limit", "window_hours", "user_count", "user_limit", "account_count", "account_limit", "violation", "timestamp",
        }));
    }

    [Test]
    public async Task Configuration() => Has(
        await GetAsync("/api/validate/config"), "success", "config.validation", "config.clamav.enabled", "config.clamav.port", "config.clamav.timeout",
        "config.clamav.max_file_size", "config.rate_limiting.per_user_per_day", "config.rate_limiting.per_account_per_day", "config.rate_limiting.window_hours", "config.service.name",
        "config.service.version", "timestamp");

    [TestCase("/api/recognize")]
    [TestCase("/api/recognize/template")]
    public async Task Recognition(string path) => Has(
        await PostAsync(path, new { document_id = _document, options = new { max_candidates = 3, confidence_threshold = 0.5 } }, HttpStatusCode.OK), "success", "recognition_profile_id",
        "document_id", "template_matched.template_id", "template_matched.template_name", "template_matched.confidence_score", "template_matched.approval_type", "field_mappings",
        "processing_time_ms", "timestamp");

    [Test]
    public async Task State_of_a_recognition() => Has(await GetAsync($"/api/recognize/status/{_document}"), "success", "recognition_profile_id", "document_id", "field_mappings");

    [Test]
    public async Task Health() => Has(
        await GetAsync("/health"), "status", "service", "version", "timestamp", "components.workflow_engine", "components.state_manager", "components.event_publisher",
        "components.service_connector", "components.file_validator", "components.redis", "components.clamav", "components.rate_limiter");

    [Test]
    public async Task Figures()
    {
        var figures = await GetAsync("/api/v1/metrics");
        Has(figures, "success", "uptime", "components.workflow_engine", "components.state_manager", "error_rate_5m", "timestamp");
        Assert.That((double)figures["uptime"]!, Is.Positive);
    }

    [Test]
    public async Task Declaration()
    {
        var recognised = await PostAsync("/api/recognize", new { document_id = _document }, HttpStatusCode.OK);
        var template = (string)recognised["template_matched"]!["template_id"]!;
        foreach (var body in new object[] { new { document_id = _document, template_id = template }, new { recognition_profile_id = (string)recognised["recognition_profile_id"]!, template_id = template } })
        {
            var declared = await PostAsync("/api/declare", body, HttpStatusCode.OK);
            Has(declared, "success", "recognition_profile_id", "document_id", "template_matched.template_id", "template_matched.approval_type", "timestamp");
            Assert.That(((string)declared["template_matched"]!["template_id"]!, (string)declared["template_matched"]!["approval_type"]!), Is.EqualTo((template, "human_approved")));
        }

        Assert.That((string)(await PostAsync("/api/declare", new { template_id = template }, HttpStatusCode.BadRequest))["code"]!, Is.EqualTo("document_missing"));
        Assert.That((string)(await PostAsync("/api/declare", new { document_id = _document, template_id = "nobody.s" }, HttpStatusCode.UnprocessableEntity))["code"]!, Is.EqualTo("template_not_found"));
    }

    [Test]
    public async Task Dashboard_shows_what_a_decision_can_rest_on()
    {
        var (_, accepted) = await SendAsync(SampleLibrary.EarlierInvoice(7, TimeProvider.System), "/api/documents/upload");
        var document = (string)accepted["document_id"]!;
        Assert.That((string?)(await _host.Client.AtRestAsync(document))["status"], Is.EqualTo("in_review"));
        await _host.WhenQuiet();

        var dashboard = await GetAsync($"/api/collaboration/dashboard/{document}");
        Has(dashboard, "success", "document_id", "document.file_name", "workflow_id", "workflow_status", "current_step", "recognition.template_matched.template_id", "recognition.candidates[].score",
            "reviews[].review_id", "reviews[].team", "reviews[].subject", "reviews[].evidence.recognition", "first_page", "timestamp");
        Assert.That(((string)dashboard["workflow_status"]!, (string)dashboard["reviews"]![0]!["state"]!, dashboard["unavailable"]!.AsArray().Count), Is.EqualTo(("waiting_for_human", "open", 0)));
        using var page = await _host.Client.GetAsync(new Uri((string)dashboard["first_page"]!, UriKind.Relative));
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var nobodys = await _host.Client.GetAsync(new Uri("/api/collaboration/dashboard/doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", UriKind.Relative));
        Assert.That(nobodys.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Search()
    {
        var found = await GetAsync("/api/documents/search?query=rechnung%20pdf");
        Has(found, "success", "documents[].document_id", "documents[].file_name", "count", "timestamp");
        Assert.That(found["documents"]!.AsArray().Select(d => (string)d!["document_id"]!), Does.Contain(_document));
    }

    [Test]
    public async Task Who_asks()
    {
        Has(await PostAsync("/api/auth/validate", new { }, HttpStatusCode.OK), "success", "valid", "user_id", "account_id", "roles", "timestamp");
        Has(await GetAsync("/api/auth/user/anonymous"), "success", "user.user_id", "user.account_id", "user.roles", "timestamp");
    }

    [Test]
    public async Task Problem_has_the_earlier_members()
    {
        using var answer = await _host.Client.GetAsync(new Uri("/api/workflows/wf_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", UriKind.Relative));
        Has((await answer.Content.ReadFromJsonAsync<JsonNode>())!, "error", "message", "details.type", "details.message", "request_id", "timestamp");
    }

    [Test]
    public async Task Run_of_the_upload_is_told_whole() => Has(await GetAsync($"/api/workflows/{_run}"), "success", "workflow_id", "rule_name", "service", "status", "step_results");

    private static void Has(JsonNode answer, params string[] members) => Assert.Multiple(() =>
    {
        foreach (var member in members) Assert.That(Find(answer, member), Is.Not.Null, $"{member} of {answer.ToJsonString()}");
    });

    private static JsonNode? Find(JsonNode? node, string path)
    {
        foreach (var part in path.Split('.'))
            node = part.EndsWith("[]", StringComparison.Ordinal) ? (node as JsonObject)?[part[..^2]]?.AsArray().FirstOrDefault() : (node as JsonObject)?[part];
        return node;
    }

    private async Task<JsonNode> GetAsync(string path) => await _host.Client.GetJsonAsync(path);

    private async Task<JsonNode> PostAsync(string path, object body, HttpStatusCode status)
    {
        using var answer = await _host.Client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(status), $"POST {path}: {text}");
        return JsonNode.Parse(text)!;
    }

    private Task<JsonNode> EndedAsync(string path) => WhenAsync(path, run => (bool)run["completed"]!);

    private async Task<JsonNode> WhenAsync(string path, Func<JsonNode, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            var run = await GetAsync(path);
            if (wanted(run)) return run;
            Assert.That(limit.IsCancellationRequested, Is.False, run.ToJsonString());
            await look.WaitForNextTickAsync();
        }
    }

    private Task<(HttpStatusCode Status, JsonNode Body)> UploadAsync(string path) => SendAsync(SampleLibrary.Invoice(1, TimeProvider.System), path);

    private async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(Sample sample, string path)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(sample.Content);
        file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
        form.Add(file, "file", sample.FileName);
        using var answer = await _host.Client.PostAsync(new Uri(path, UriKind.Relative), form);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>())!);
    }
}
