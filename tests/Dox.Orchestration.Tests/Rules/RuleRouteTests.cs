using System.Text.Json;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Rules;

internal sealed class RuleRouteTests
{
    private RuleHost _host = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _host = await RuleHost.StartAsync(DatabaseProvider.Sqlite, rules:
    [
        ("small.yaml", RuleHost.Text()),
        ("parent.yaml", "name: parent\nversion: \"1.0.0\"\ntrigger: { type: event, source: stored }\nsteps:\n  - { name: Child, action: run_workflow, params: { rule: small } }\n"),
    ]);

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task Validate_says_everything_that_is_wrong_and_keeps_nothing()
    {
        var (status, body) = await _host.SendAsync(HttpMethod.Post, "rules/validate", RuleHost.Text(name: "tried", more: "prioritty: high\n").Replace("custom_logic", "custom_logik", StringComparison.Ordinal));
        var found = body.GetProperty("diagnostics").EnumerateArray().Select(d => (d.GetProperty("code").GetString(), d.GetProperty("severity").GetString(), d.GetProperty("line").GetInt32()));
        Assert.Multiple(() =>
        {
            Assert.That((status, body.GetProperty("valid").GetBoolean()), Is.EqualTo((200, false)));
            Assert.That(found, Is.EqualTo(new[] { ("unknown-key", "warning", 5), ("unknown-action", "error", 7) }));
            Assert.That(_host.Book.Find("tried"), Is.Null);
        });
    }

    [TestCase("application/json", """{"source":"name: a"}""", 200)]
    [TestCase("application/json", """{"yaml":"name: a"}""", 400)]
    [TestCase("application/json", "{", 400)]
    [TestCase("application/yaml", "", 400)]
    public async Task Rule_comes_as_yaml_or_in_json(string type, string body, int status) =>
        Assert.That((await _host.SendAsync(HttpMethod.Post, "rules/validate", body, type)).Status, Is.EqualTo(status));

    [Test]
    public async Task Rule_that_is_too_large_is_refused() =>
        Assert.That((await _host.SendAsync(HttpMethod.Post, "rules/validate", new string('x', 4_000_001))).Status, Is.EqualTo(413));

    [Test]
    public async Task Simulation_computes_and_calls_nothing()
    {
        var (status, body) = await _host.SendAsync(HttpMethod.Post, "rules/simulate", JsonSerializer.Serialize(new
        {
            source = RuleHost.Text(logic: "a + 1"),
            input = new { a = 41 },
        }), "application/json");
        var simulation = body.GetProperty("simulation");
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.EqualTo(200), body.ToString());
            Assert.That((simulation.GetProperty("state").GetString(), simulation.GetProperty("outputs").GetProperty("sum").GetInt32()), Is.EqualTo(("success", 42)));
        });
    }

    [Test]
    public async Task Simulation_of_a_loaded_rule_says_which_outcome_it_lacks()
    {
        var (_, body) = await _host.SendAsync(HttpMethod.Post, "rules/simulate", """{"rule_name":"validate_file_for_upload","input":{"document":{"id":"doc_1"}}}""", "application/json");
        Assert.That(body.GetProperty("simulation").GetProperty("unknown").GetProperty("step").GetString(), Is.EqualTo("File Size"));
    }

    [TestCase("""{}""", 400, "rule_missing")]
    [TestCase("""{"rule_name":"nothing"}""", 404, "rule_not_found")]
    [TestCase("""{"source":"name: ["}""", 422, "rule_invalid")]
    [TestCase("""{"rule_name":"small","mocks":{"Ad":{"output":1}}}""", 400, "mocks_invalid")]
    public async Task Simulation_of_bad_words_is_refused(string body, int status, string code)
    {
        var answer = await _host.SendAsync(HttpMethod.Post, "rules/simulate", body, "application/json");
        Assert.That((answer.Status, answer.Body.GetProperty("error").GetString()), Is.EqualTo((status, code)));
    }

    [Test]
    public async Task Graph_tells_which_rule_starts_which()
    {
        var graph = await _host.GetAsync("rules/graph");
        var edges = graph.GetProperty("edges").EnumerateArray().Select(edge => (edge.GetProperty("from").GetString(), edge.GetProperty("to").GetString(), edge.GetProperty("kind").GetString())).ToList();
        Assert.That(edges, Is.SupersetOf(new[]
        {
            ("parent", "small", "runs"), ("event stored", "parent", "starts"), ("process_document_upload", "validate_file_for_upload", "runs"),
            ("POST /api/documents/upload", "process_document_upload", "starts"), ("cron 0 9 * * *", "sync_team_coordination", "starts"),
        }));
    }

    [Test]
    public void Rules_are_changed_and_tried_by_authors()
    {
        var submitter = new Caller("anna", "acc", [Role.Submitter], []);
        Assert.Multiple(() =>
        {
            Assert.That(() => _host.Host.SendAsync(new PublishRule.Command("small", "", null), submitter), Throws.InstanceOf<DoxException>().With.Property("Status").EqualTo(403));
            Assert.That(() => _host.Host.SendAsync(new ValidateRule.Query(""), submitter), Throws.InstanceOf<DoxException>().With.Property("Status").EqualTo(403));
            Assert.That(() => _host.Host.SendAsync(new SimulateRule.Query("small"), submitter), Throws.InstanceOf<DoxException>().With.Property("Status").EqualTo(403));
            Assert.That(() => _host.Host.SendAsync(new GetRuleGraph.Query(), submitter), Throws.Nothing);
        });
    }

    [Test]
    public async Task Versions_of_a_rule_that_never_was_are_not_found() =>
        Assert.That(await _host.Host.Client.GetAsync(new Uri("/api/v1/rules/nothing/versions", UriKind.Relative)) is { StatusCode: System.Net.HttpStatusCode.NotFound }, Is.True);
}
