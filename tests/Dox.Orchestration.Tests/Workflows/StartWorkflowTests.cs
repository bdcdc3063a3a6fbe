using System.Net;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Workflows;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class StartWorkflowTests(DatabaseProvider database)
{
    private OperatorHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await OperatorHost.StartAsync(
        database,
        ("straight", "steps:\n  - { name: A, action: effect }\n  - { name: B, action: effect }"),
        ("guarded", "conditions:\n  - { type: custom_logic, check: pages < 5 }\nsteps:\n  - { name: A, action: effect }"),
        ("sum", "mode: embedded\noutput: { total: \"${ a + b }\" }\nsteps:\n  - { name: A, action: data_transform, params: { source: 1, mappings: {} } }"),
        ("sealed", "mode: embedded\nsteps:\n  - { name: A, action: effect, params: { fail: 9 }, on_failure: reject_request }"),
        ("patient", "mode: embedded\nsteps:\n  - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }"));

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    private static object Body(string rule, object? context = null, string? workflowId = null) =>
        new { rule_name = rule, context = context ?? new { }, workflow_id = workflowId };

    [Test]
    public async Task Started_run_is_answered_at_once_and_goes_on_by_itself()
    {
        var answer = await _host.PostAsync("workflows", Body("straight", new { pages = 3 }));
        var id = (string)answer.Json["workflow_id"]!;
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(answer.Location, Is.EqualTo($"/api/v1/workflows/{id}"));
            Assert.That((bool)answer.Json["success"]!, Is.True);
            Assert.That((string)answer.Json["rule_name"]!, Is.EqualTo("straight"));
            Assert.That((string)answer.Json["status"]!, Is.EqualTo("started"));
            Assert.That(answer.Json["timestamp"], Is.Not.Null);
        });
        var run = await _host.WhenAsync(Id<Workflow>.Parse(id, null), "success");
        Assert.That((int)run["steps_completed"]!, Is.EqualTo(2));
    }

    [TestCase("key")]
    [TestCase("name")]
    public async Task Same_key_answers_with_the_run_that_is_there(string kind)
    {
        var key = $"key-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        Task<Answer> Send(object context) => kind == "key"
            ? _host.PostAsync("workflows", Body("straight", context), ("Idempotency-Key", key))
            : _host.PostAsync("workflows", Body("straight", context, workflowId: key));
        var first = await Send(new { pages = 3, of = new { a = 1, b = new[] { 1, 2 } } });
        var again = await Send(new { of = new { b = new[] { 1, 2 }, a = 1 }, pages = 3 });
        var other = await Send(new { pages = 4 });
        Assert.Multiple(() =>
        {
            Assert.That((first.Status, again.Status), Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK)));
            Assert.That((string)again.Json["workflow_id"]!, Is.EqualTo((string)first.Json["workflow_id"]!));
            Assert.That((bool)again.Json["duplicate"]!, Is.True);
            Assert.That((other.Status, other.Code), Is.EqualTo(kind == "key"
                ? (HttpStatusCode.UnprocessableEntity, "idempotency_key_reused")
                : (HttpStatusCode.Conflict, "workflow_id_taken")));
        });
        Assert.That((await _host.PostAsync("workflows", Body("guarded", new { pages = 3 }, workflowId: kind == "key" ? null : key), ("Idempotency-Key", kind == "key" ? key : "other"))).Status,
            Is.EqualTo(kind == "key" ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.Conflict), "Another rule is other content too.");
    }

    [Test]
    public async Task Starts_with_one_key_at_the_same_time_make_one_run()
    {
        var key = $"key-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _host.PostAsync("workflows", Body("straight"), ("Idempotency-Key", key))));
        Assert.Multiple(() =>
        {
            Assert.That(answers.Select(a => (string)a.Json["workflow_id"]!).Distinct(StringComparer.Ordinal).ToList(), Has.Count.EqualTo(1));
            Assert.That(answers.Count(a => a.Status == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(answers.Count(a => a.Status == HttpStatusCode.OK), Is.EqualTo(7));
        });
    }

    [Test]
    public async Task Id_of_ours_that_the_starter_made_becomes_the_runs()
    {
        var id = Id<Workflow>.New(TimeProvider.System);
        var answer = await _host.PostAsync("workflows", Body("straight", workflowId: id.ToString()));
        Assert.That((answer.Status, (string)answer.Json["workflow_id"]!), Is.EqualTo((HttpStatusCode.Created, id.ToString())));
        await _host.WhenAsync(id, "success");

        var old = new Id<Workflow>(Guid.CreateVersion7(TimeProvider.System.GetUtcNow().AddDays(-40)));
        var other = await _host.PostAsync("workflows", Body("straight", workflowId: old.ToString()));
        Assert.That((other.Status, (string)other.Json["workflow_id"]!), Is.Not.EqualTo((HttpStatusCode.Created, old.ToString())), "An id of long ago is a key alone.");
    }

    [Test]
    public async Task Condition_that_does_not_hold_refuses_the_start_and_is_named()
    {
        var refused = await _host.PostAsync("workflows", Body("guarded", new { pages = 7 }), ("Idempotency-Key", "guarded-1"));
        Assert.Multiple(() =>
        {
            Assert.That((refused.Status, refused.Code), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "condition_not_met")));
            Assert.That((string)refused.Json["details"]!["condition"]!, Is.EqualTo("custom_logic"));
            Assert.That((string)refused.Json["details"]!["check"]!, Is.EqualTo("pages < 5"));
        });
        var allowed = await _host.PostAsync("workflows", Body("guarded", new { pages = 3 }), ("Idempotency-Key", "guarded-1"));
        Assert.That(allowed.Status, Is.EqualTo(HttpStatusCode.Created), "A refusal uses up no key.");
    }

    [Test]
    public async Task Embedded_rule_answers_with_its_outcome()
    {
        var done = await _host.PostAsync("workflows", Body("sum", new { a = 2, b = 3 }));
        Assert.Multiple(() =>
        {
            Assert.That(done.Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((string)done.Json["status"]!, Is.EqualTo("success"));
            Assert.That((int)done.Json["output"]!["total"]!, Is.EqualTo(5));
            Assert.That(done.Json["step_results"]!.AsObject().Select(s => s.Key), Is.EqualTo(new[] { "A" }));
        });
        var refused = await _host.PostAsync("workflows", Body("sealed"));
        Assert.That((refused.Status, refused.Code, (string)refused.Json["details"]!["step"]!), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "flaky", "A")));
        var waits = await _host.PostAsync("workflows", Body("patient"));
        Assert.That((waits.Status, waits.Code), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "embedded_rule_waits")));
    }

    [TestCase("""{ "rule_name": "" }""", HttpStatusCode.BadRequest, "rule_name_missing")]
    [TestCase("""{ }""", HttpStatusCode.BadRequest, "rule_name_missing")]
    [TestCase("""{ "rule_name": "no_such" }""", HttpStatusCode.NotFound, "rule_not_found")]
    [TestCase("""{ "rule_name": "straight", "context": [1] }""", HttpStatusCode.BadRequest, null)]
    [TestCase("""{ "rule_name": "straight", "workflow_id": "" }""", HttpStatusCode.BadRequest, "invalid_workflow_id")]
    [TestCase("""{ "rule_name": "straight", "workflow_id": "a\u0000b" }""", HttpStatusCode.BadRequest, "invalid_workflow_id")]
    public async Task Bad_start_is_refused_with_what_to_do(string body, HttpStatusCode status, string? code)
    {
        var answer = await _host.PostAsync("workflows", JsonNode.Parse(body));
        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
        var codes = answer.Json["errors"] is JsonArray errors ? errors.Select(e => (string)e!["code"]!) : [answer.Code!];
        if (code is not null) Assert.That(codes, Does.Contain(code), answer.Text);
    }
}
