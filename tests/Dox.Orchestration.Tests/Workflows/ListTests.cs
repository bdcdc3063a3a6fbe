using System.Net;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Workflows;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class ListTests(DatabaseProvider database)
{
    private readonly List<string> _runs = [];
    private readonly List<string> _documents = [];
    private OperatorHost _host = null!;
    private DateTimeOffset _middle;

    [OneTimeSetUp]
    public async Task Start()
    {
        _host = await OperatorHost.StartAsync(
            database,
            ("good", "steps:\n  - { name: A, action: effect }"),
            ("bad", "steps:\n  - { name: A, action: effect }\n  - { name: B, action: effect, params: { fail: 9 }, on_failure: fail }"),
            ("asks", "steps:\n  - { name: A, action: effect }\n  - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }"),
            ("long", $"steps:\n{string.Join('\n', Enumerable.Range(1, 12).Select(i => $"  - {{ name: S{i}, action: effect }}"))}"));
        foreach (var rule in new[] { "good", "bad", "asks", "good", "bad", "asks", "good" })
        {
            if (_runs.Count == 4) _middle = await LastStartAsync();
            _runs.Add((await _host.StartRunAsync(rule)).ToString());
        }

        foreach (var rule in new[] { "good", "bad", "asks" })
        {
            var answer = await (await _host.Host.Client.SendPdfAsync(TestPdf.With($"A page for {rule}"), rule)).JsonAsync();
            _documents.Add((string)answer["document_id"]!);
            await _host.WhenAsync(Id<Workflow>.Parse((string)answer["workflow_id"]!, null), "success", "failed", "waiting_for_human");
        }

        foreach (var run in _runs) await _host.WhenAsync(Id<Workflow>.Parse(run, null), "success", "failed", "waiting_for_human");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    // A run's start is the later one's lower bound: kept to the microsecond on PostgreSQL
    private async Task<DateTimeOffset> LastStartAsync()
    {
        var newest = (await _host.GetAsync("workflows?limit=1")).Json["workflows"]![0]!;
        return (DateTimeOffset)newest["start_time"]! + TimeSpan.FromTicks(10);
    }

    private async Task<List<string>> RunsAsync(string query)
    {
        var answer = await _host.GetAsync($"workflows?limit=200&{query}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        return [.. answer.Json["workflows"]!.AsArray().Select(run => (string)run!["workflow_id"]!).Where(_runs.Contains)];
    }

    [Test]
    public async Task Runs_are_found_by_time()
    {
        var middle = Uri.EscapeDataString(_middle.ToString("o"));
        var (before, after) = (await RunsAsync($"to={middle}"), await RunsAsync($"from={middle}"));
        Assert.Multiple(async () =>
        {
            Assert.That(before, Is.EquivalentTo(_runs.Take(4)));
            Assert.That(after, Is.EquivalentTo(_runs.Skip(4)));
            Assert.That(await RunsAsync("from=2020-01-01&to=2020-01-02"), Is.Empty);
            Assert.That(await RunsAsync("from=2020-01-01T00:00:00Z"), Has.Count.EqualTo(7));
            Assert.That(await RunsAsync("from=0001-01-01T00:00:00Z&to=9999-12-31T00:00:00Z"), Has.Count.EqualTo(7));
        });
    }

    [Test]
    public async Task Runs_are_found_by_state_rule_and_service()
    {
        Assert.Multiple(async () =>
        {
            Assert.That(await RunsAsync("status=failed"), Is.EquivalentTo(new[] { _runs[1], _runs[4] }));
            Assert.That(await RunsAsync("status=waiting_for_human&rule=asks"), Is.EquivalentTo(new[] { _runs[2], _runs[5] }));
            Assert.That(await RunsAsync("rule=good&service=Tests"), Is.EquivalentTo(new[] { _runs[0], _runs[3], _runs[6] }));
            Assert.That(await RunsAsync("service=Nobody"), Is.Empty);
        });
    }

    [Test]
    public async Task Pages_by_cursor_and_by_offset_are_the_same()
    {
        var (byCursor, byOffset) = (new List<string>(), new List<string>());
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await _host.GetAsync($"workflows?limit=3&cursor={cursor}")).Json;
            byCursor.AddRange(IdsOf(page));
            Assert.That((int)page["count"]!, Is.EqualTo(page["workflows"]!.AsArray().Count));
            cursor = (string?)page["next_cursor"];
        }

        for (var offset = 0; offset < byCursor.Count; offset += 3) byOffset.AddRange(IdsOf((await _host.GetAsync($"workflows?limit=3&offset={offset}")).Json));
        Assert.Multiple(async () =>
        {
            Assert.That(byCursor, Is.SupersetOf(_runs).And.Unique);
            Assert.That(byOffset, Is.EqualTo(byCursor));
            Assert.That(IdsOf((await _host.GetAsync("workflows?offset=10000")).Json), Is.Empty);
        });
        static IEnumerable<string> IdsOf(JsonNode page) => page["workflows"]!.AsArray().Select(run => (string)run!["workflow_id"]!);
    }

    [Test]
    public async Task Nothing_is_counted_unless_asked_for()
    {
        var plain = (await _host.GetAsync("workflows?limit=2")).Json;
        var counted = (await _host.GetAsync("workflows?limit=2&count=true&rule=asks")).Json;
        var documents = (await _host.GetAsync("documents?limit=2&count=true")).Json;
        Assert.That((plain["total"], (int)counted["total"]!, (int)documents["total"]!), Is.EqualTo(((JsonNode?)null, 3, 3)));
    }

    [TestCase("status=completed", 0)]
    [TestCase("status=failed", 1)]
    [TestCase("status=in_review", 2)]
    [TestCase("rule=bad", 1)]
    [TestCase("status=processing", null)]
    [TestCase("status=quarantined", null)]
    [TestCase("status=expired", null)]
    [TestCase("status=completed&rule=bad", null)]
    [TestCase("service=Nobody", null)]
    [TestCase("from=2999-01-01", null)]
    [TestCase("to=2020-01-01", null)]
    public async Task Documents_are_found_by_their_state_and_their_runs_rule(string query, int? which)
    {
        var answer = await _host.GetAsync($"documents?{query}");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(answer.Json["documents"]!.AsArray().Select(d => (string)d!["document_id"]!), Is.EqualTo(which is { } one ? [_documents[one]] : Array.Empty<string>()));
    }

    [Test]
    public async Task Documents_are_paged_by_cursor_and_by_offset()
    {
        var first = (await _host.GetAsync("documents?limit=2&service=Tests")).Json;
        var byCursor = (await _host.GetAsync($"documents?limit=2&service=Tests&cursor={first["next_cursor"]}")).Json;
        var byOffset = (await _host.GetAsync("documents?limit=2&service=Tests&offset=2")).Json;
        Assert.That(first["documents"]!.AsArray().Concat(byCursor["documents"]!.AsArray()).Select(d => (string)d!["document_id"]!), Is.EqualTo(Enumerable.Reverse(_documents)));
        Assert.That((string)byOffset["documents"]![0]!["document_id"]!, Is.EqualTo(_documents[0]));
    }

    [TestCase("workflows?status=done", "status")]
    [TestCase("workflows?status=3", "status")]
    [TestCase("workflows?from=yesterday", "from")]
    [TestCase("workflows?to=2025-13-01", "to")]
    [TestCase("workflows?from=2025-02-01&to=2025-01-01", "to")]
    [TestCase("workflows?limit=0", "limit")]
    [TestCase("workflows?limit=201", "limit")]
    [TestCase("workflows?limit=many", "limit")]
    [TestCase("workflows?offset=-1", "offset")]
    [TestCase("workflows?offset=10001", "offset")]
    [TestCase("workflows?offset=x", "offset")]
    [TestCase("workflows?offset=1&cursor=d2ZfMDE", "offset")]
    [TestCase("workflows?cursor=***", "cursor")]
    [TestCase("workflows?cursor=ZG9j", "cursor")]
    [TestCase("workflows?count=maybe", "count")]
    [TestCase("documents?status=done", "status")]
    [TestCase("documents?from=yesterday", "from")]
    [TestCase("documents?to=never", "to")]
    [TestCase("documents?limit=-1", "limit")]
    [TestCase("documents?offset=10001", "offset")]
    [TestCase("documents?cursor=ZG9j", "cursor")]
    [TestCase("workflows/{id}/history?limit=0", "limit")]
    [TestCase("workflows/{id}/history?cursor=ZG9j", "cursor")]
    [TestCase("workflows/{id}/history?cursor=OTk5", "cursor")]
    public async Task Bad_value_is_refused_and_its_parameter_named(string path, string parameter)
    {
        var answer = await _host.GetAsync(path.Replace("{id}", _runs[0], StringComparison.Ordinal));
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.BadRequest), answer.Text);
            Assert.That((string?)answer.Json["errors"]?[0]?["step"], Is.EqualTo(parameter), answer.Text);
            Assert.That((string)answer.Json["detail"]!, Does.Contain($"'{parameter}'"));
        });
    }

    [Test]
    public async Task History_comes_in_pages_that_follow_each_other()
    {
        var run = await _host.StartRunAsync("long");
        await _host.WhenAsync(run, "success");
        var steps = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await _host.GetAsync($"workflows/{run}/history?limit=5&cursor={cursor}")).Json;
            Assert.That((bool)page["chain_valid"]!, Is.True);
            steps.AddRange(page["entries"]!.AsArray().Select(entry => (string)entry!["step"]!));
            cursor = (string?)page["next_cursor"];
        }

        Assert.That(steps, Is.EqualTo(Enumerable.Range(1, 12).Select(i => $"S{i}")));
        await _host.Host.InDb<OrchestrationDbContext>(db =>
            db.Journal.Where(e => e.WorkflowId == run && e.Sequence == 5).ExecuteUpdateAsync(s => s.SetProperty(e => e.Decision, "changed")));
        var first = (await _host.GetAsync($"workflows/{run}/history?limit=5")).Json;
        var second = (await _host.GetAsync($"workflows/{run}/history?limit=5&cursor={first["next_cursor"]}")).Json;
        Assert.That(((bool)first["chain_valid"]!, (bool)second["chain_valid"]!), Is.EqualTo((false, true)), "The page with the entry that was changed says so.");
    }
}
