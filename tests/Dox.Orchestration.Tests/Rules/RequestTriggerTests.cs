using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Orchestration.Tests.Workflows;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;

namespace Dox.Orchestration.Tests.Rules;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class RequestTriggerTests(DatabaseProvider database)
{
    private OperatorHost _host = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await OperatorHost.StartAsync(database);
        await PublishAsync("add_up", "POST /api/sums/{currency}", "mode: embedded\ninput: [a, b, currency]\noutput: { total: \"${ a + b }\", currency: \"{currency}\" }\nsteps:\n  - { name: Look, action: data_transform, params: { source: 1, mappings: {} } }");
        await PublishAsync("strict", "POST /api/strict", "mode: embedded\nsteps:\n  - { name: Look, action: effect, params: { fail: 9 }, on_failure: reject_request }");
        await PublishAsync("claim", "POST /api/claims OR GET /api/v1/claims/{claim_id}", "steps:\n  - { name: Take, action: effect }\n  - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }");
        await PublishAsync("refusing", "POST /api/refusals", "steps:\n  - { name: Look, action: effect, params: { fail: 9 }, on_failure: reject_request }");
        await PublishAsync("short", "DELETE /api/short", "steps:\n  - { name: Only, action: effect }");
        await PublishAsync("guarded", "POST /api/guarded", "conditions:\n  - { type: user_permission, check: author }\n  - { type: custom_logic, check: pages < 5 }\nsteps:\n  - { name: Only, action: effect }");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private async Task<JsonNode> PublishAsync(string name, string source, string text, string version = "1.0.0")
    {
        using var content = new StringContent($"name: {name}\nservice: Tests\nversion: \"{version}\"\ntrigger: {{ type: api_request, source: \"{source}\" }}\n{text}\n", Encoding.UTF8, "application/yaml");
        using var answer = await _host.Host.Client.PutAsync(new Uri($"/api/v1/rules/{name}", UriKind.Relative), content);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
        return JsonNode.Parse(body)!;
    }

    [TestCase("/api/v1/sums/EUR")]
    [TestCase("/api/sums/EUR")]
    public async Task Embedded_rule_answers_with_its_outcome(string path)
    {
        using var answer = await _host.Host.Client.PostAsJsonAsync(new Uri(path + "?b=2", UriKind.Relative), new { a = 1, b = 1 });
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.Multiple(() =>
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body.ToJsonString());
            Assert.That(body["output"]!.ToJsonString(), Is.EqualTo("""{"total":"12","currency":"EUR"}"""), "What the query says is text, and wins over the body.");
            Assert.That((string)body["rule_name"]!, Is.EqualTo("add_up"));
        });
    }

    [Test]
    public async Task Embedded_rule_that_refuses_answers_with_a_problem()
    {
        var answer = await _host.PostAsync("strict", new { });
        Assert.That((answer.Status, answer.Code, (string)answer.Json["details"]!["step"]!), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "flaky", "Look")));
    }

    [Test]
    public async Task Durable_rule_answers_at_its_first_checkpoint_and_goes_on()
    {
        var answer = await _host.PostAsync("claims", new { pages = 3 }, ("Idempotency-Key", "claim-1"));
        var id = Id<Workflow>.Parse((string)answer.Json["workflow_id"]!, null);
        Assert.Multiple(() =>
        {
            Assert.That((answer.Status, answer.Location), Is.EqualTo((HttpStatusCode.Accepted, $"/api/v1/workflows/{id}")), answer.Text);
            Assert.That((string)answer.Json["step_results"]!["Take"]!["output"]!["done"]!, Is.EqualTo("Take"));
        });
        var run = await _host.WhenAsync(id, "waiting_for_human");
        Assert.That((string)run["context"]!["done"]!, Is.EqualTo("Take"));

        var again = await _host.PostAsync("claims", new { pages = 3 }, ("Idempotency-Key", "claim-1"));
        Assert.That((again.Status, (string)again.Json["workflow_id"]!), Is.EqualTo((HttpStatusCode.Accepted, id.ToString())));
    }

    [Test]
    public async Task Second_route_of_a_rule_gives_the_run_what_the_path_says()
    {
        var answer = await _host.GetAsync("claims/c-17");
        var id = Id<Workflow>.Parse((string)answer.Json["workflow_id"]!, null);
        var history = await _host.GetAsync($"workflows/{id}/history");
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Accepted), answer.Text);
            Assert.That(history.Json["entries"]!.AsArray(), Is.Not.Empty);
        });
    }

    [Test]
    public async Task Run_that_is_refused_at_its_first_step_is_kept_as_failed_and_answered_with_its_refusal()
    {
        var answer = await _host.PostAsync("refusals", new { }, ("Idempotency-Key", "refusal-1"));
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "flaky")), answer.Text);
        var id = Id<Workflow>.Parse((string)answer.Json["details"]!["workflow_id"]!, null);
        var run = await _host.WhenAsync(id, "failed");
        Assert.That((string)run["error"]!["code"]!, Is.EqualTo("flaky"));

        var again = await _host.PostAsync("refusals", new { }, ("Idempotency-Key", "refusal-1"));
        Assert.That((again.Status, (string)again.Json["details"]!["workflow_id"]!), Is.EqualTo((HttpStatusCode.UnprocessableEntity, id.ToString())));
    }

    [Test]
    public async Task Run_that_ends_with_its_first_checkpoint_is_answered_whole()
    {
        var answer = await _host.SendAsync(HttpMethod.Delete, "short");
        Assert.That((answer.Status, (string)answer.Json["status"]!), Is.EqualTo((HttpStatusCode.OK, "success")), answer.Text);
    }

    [TestCase("""[1]""", "application/json", 400, "body_not_an_object")]
    [TestCase("""{"pages":1,"pages":9}""", "application/json", 400, "invalid_json")]
    [TestCase("""{"pages":""", "application/json", 400, "invalid_json")]
    [TestCase("""pages=1""", "text/plain", 415, "unsupported_media_type")]
    [TestCase("""{"pages":9}""", "application/json", 422, "condition_not_met")]
    public async Task Bad_request_is_told_what_is_wrong(string text, string type, int status, string code)
    {
        using var content = new StringContent(text, Encoding.UTF8, type);
        using var answer = await _host.Host.Client.PostAsync(new Uri("/api/v1/guarded", UriKind.Relative), content);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(((int)answer.StatusCode, (string)body["code"]!), Is.EqualTo((status, code)), body.ToJsonString());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Body_that_is_too_large_is_refused(bool saysSo)
    {
        using var content = new StringContent($$"""{"pages":"{{new string('x', 1024 * 1024)}}"}""", Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/guarded", UriKind.Relative)) { Content = content };
        request.Headers.TransferEncodingChunked = !saysSo;
        using var answer = await _host.Host.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task Document_on_a_rules_route_is_taken_in_as_an_upload()
    {
        await PublishAsync("letters", "POST /api/letters", "steps:\n  - { name: Take, action: effect }");
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(TestPdf.With("A letter"));
        file.Headers.ContentType = new MediaTypeHeaderValue("application/pdf");
        form.Add(file, "file", "letter.pdf");
        using var answer = await _host.Host.Client.PostAsync(new Uri("/api/letters", UriKind.Relative), form);
        var body = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), body.ToJsonString());
        var run = await _host.WhenAsync(Id<Workflow>.Parse((string)body["workflow_id"]!, null), "success");
        Assert.That(((string)run["rule_name"]!, (string)run["document_id"]!), Is.EqualTo(("letters", (string)body["document_id"]!)));
    }

    [Test]
    public async Task Route_comes_moves_and_goes_with_its_rule()
    {
        Assert.That((await _host.PostAsync("movable/a", new { })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        await PublishAsync("movable", "POST /api/movable/a", "steps:\n  - { name: Take, action: effect }");
        Assert.That((await _host.PostAsync("movable/a", new { })).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _host.GetAsync("movable/a")).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        await PublishAsync("movable", "POST /api/movable/b", "steps:\n  - { name: Take, action: effect }", "1.1.0");
        Assert.That((await _host.PostAsync("movable/a", new { })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _host.PostAsync("movable/b", new { })).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase("POST /api/workflows")]
    [TestCase("POST /api/v1/workflows/bulk")]
    [TestCase("GET /api/documents/special")]
    [TestCase("POST /api/documents/upload")]
    public async Task Route_of_the_hosts_own_stays_its_own_and_the_linter_says_so(string source)
    {
        var name = "taker_" + source.Split('/')[^1].ToLowerInvariant();
        var published = await PublishAsync(name, source, "steps:\n  - { name: Take, action: effect }");
        Assert.That(published["warnings"]!.AsArray().Select(warning => (string)warning!["code"]!), Has.Member("own-route"));
        using var request = new HttpRequestMessage(new HttpMethod(source.Split(' ')[0]), new Uri(source.Split(' ')[1], UriKind.Relative));
        if (request.Method == HttpMethod.Post) request.Content = JsonContent.Create(new { });
        using var answer = await _host.Host.Client.SendAsync(request);
        Assert.That((int)answer.StatusCode, Is.InRange(400, 499), "Its own answer to a request that makes no sense.");
        var runs = await _host.GetAsync($"workflows?rule={name}");
        Assert.That(runs.Json["workflows"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Shipped_rules_have_no_quarrel_with_the_hosts_routes()
    {
        var rules = (await _host.GetAsync("rules")).Text;
        Assert.That(rules, Does.Not.Contain("own-route\",\"severity\":\"warning\",\"message\":\"DOX answers POST /api/documents/upload itself; 'process_document_upload'"));
    }

    [Test]
    public async Task Nobody_without_a_key_meets_a_rules_route()
    {
        using var rules = new RuleFolder("name: closed\nservice: Tests\nversion: \"1.0.0\"\ntrigger: { type: api_request, source: POST /api/closed }\nsteps:\n  - { name: Look, action: data_transform, params: { source: 1, mappings: {} } }\n");
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["REQUIRE_AUTH"] = "true", ["API_KEY"] = "a-key-that-is-long-enough-for-this", ["Dox:Rules:Path:0"] = rules.Path },
        });
        using var without = await host.Client.PostAsJsonAsync(new Uri("/api/closed", UriKind.Relative), new { });
        host.Client.DefaultRequestHeaders.Add("X-API-Key", "a-key-that-is-long-enough-for-this");
        using var with = await host.Client.PostAsJsonAsync(new Uri("/api/closed", UriKind.Relative), new { });
        Assert.That((without.StatusCode, with.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.OK)));
    }

    private sealed class RuleFolder : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dox-rules-");

        public RuleFolder(string rule) => File.WriteAllText(System.IO.Path.Combine(Path, "rule.yaml"), rule);

        public string Path => _folder.FullName;

        public void Dispose() => _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Of_two_rules_with_one_route_the_first_by_name_answers()
    {
        await PublishAsync("twin_b", "POST /api/twins/{b}", "mode: embedded\noutput: { who: b }\nsteps:\n  - { name: Look, action: data_transform, params: { source: 1, mappings: {} } }");
        var second = await PublishAsync("twin_a", "POST /api/Twins/{a}", "mode: embedded\noutput: { who: a }\nsteps:\n  - { name: Look, action: data_transform, params: { source: 1, mappings: {} } }");
        var answer = await _host.PostAsync("twins/1", new { });
        Assert.Multiple(() =>
        {
            Assert.That((string)answer.Json["output"]!["who"]!, Is.EqualTo("a"));
            Assert.That(second["warnings"]!.AsArray().Select(warning => (string)warning!["code"]!), Has.Member("same-trigger"));
        });
    }
}
