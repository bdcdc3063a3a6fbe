using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>
/// The shipped rules with their real modules on real databases: a run for each call of the store and each way to die at it. All of them die beside
/// each other, the process is started again, loses half of what it takes over, and is started once more; then each run's end is that of the one that
/// never died, and each effect was had once. So no call is left out, and three starts of a host are enough for all of them.
/// </summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class ShippedRuleCrashTests(DatabaseProvider database)
{
    private const string Contract = """{"contracts":{"dox-core-store":{"endpoints":[{"method":"POST","path":"/api/documents"}]}}}""";

    private static readonly string[] Ways = ["upload", "upload_asked", "recognize", "sync", "integration_ready", "integration_blocked"];

    private readonly Deaths _deaths = new();
    private readonly List<Fate> _fates = [];
    private readonly Dictionary<string, string[]> _paths = new(StringComparer.Ordinal);
    private DoxHostFixture? _started;
    private JsonNode _document = null!;

    private DoxHostFixture Host => _started ?? throw new InvalidOperationException("No host was started.");

    [OneTimeSetUp]
    public async Task Let_them_die()
    {
        if (FaultyRunStore.IsAsked) Assert.Ignore("The store fails by itself already.");
        _started = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["Dox:Engine:PollInterval"] = "00:00:00.05",
                // What a node forgot is found by the next one, not by itself
                ["Dox:Engine:LostAfter"] = "01:00:00",
                ["Dox:Engine:LongestPause"] = "00:00:05",
                ["Dox:MemoryBanks:WriteInterval"] = "00:00:00.05",
                ["RATE_LIMIT_PER_USER_PER_DAY"] = "10000",
                ["RATE_LIMIT_PER_ACCOUNT_PER_DAY"] = "10000",
            },
            Services = services => services.Decorate<IRunStore>((store, _) => _deaths.Around(store)),
        });
        var banks = Directory.CreateDirectory(Path.Combine(Host.DataFolder, "memory-banks")).FullName;
        await File.WriteAllTextAsync(Path.Combine(banks, "API_CONTRACTS.json"), Contract);
        await LearnTheWaysAsync();
        foreach (var (way, calls) in _fates.Select(f => (f.Way, f.Death.Calls)).ToList())
        {
            for (var at = 0; at < calls; at++)
            {
                foreach (var isDone in new[] { false, true })
                {
                    // An upload that is kept, and told that it isn't, would throw its own content away; a process that is dead throws nothing away
                    if (at == 0 && isDone && way.StartsWith("upload", StringComparison.Ordinal)) continue;
                    await StartAsync(way, new Death(at, isDone));
                }
            }
        }

        await SettleAsync(_fates.Skip(Ways.Length), mayBeDead: true);
        await StartAgainAsync(losesClaims: true);
        foreach (var fate in _fates.Skip(Ways.Length)) await SendAsync(fate);
        await SettleAsync(_fates.Where((_, i) => i % 2 == 0), mayBeDead: false);
        await StartAgainAsync(losesClaims: false);
        await SettleAsync(_fates, mayBeDead: false);
        await Host.WhenQuiet();
    }

    [OneTimeTearDown]
    public Task Stop() => _started?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    [Test]
    public void Each_call_of_the_store_was_some_runs_last()
    {
        var dead = _fates.Skip(Ways.Length).ToList();
        Assert.That(dead.Where(f => !f.Death.Happened).Select(f => f.ToString()), Is.Empty);
        Assert.That(dead.Select(f => f.Way).Distinct(StringComparer.Ordinal), Is.EquivalentTo(Ways));
        TestContext.Out.WriteLine($"{dead.Count} deaths: {string.Join(", ", dead.GroupBy(f => f.Way, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}"))}");
    }

    [TestCaseSource(nameof(Ways))]
    public async Task Each_run_ends_as_the_one_that_never_died(string way)
    {
        foreach (var fate in _fates.Where(f => f.Way == way))
        {
            Assert.That(await PathAsync(fate.Run), Is.EqualTo(_paths[way]), fate.ToString());
            var journal = await JournalAsync(fate.Run);
            Assert.That(JournalEntry.IsChained(journal), Is.True, fate.ToString());
        }
    }

    [Test]
    public async Task Each_effect_was_had_once()
    {
        var asked = await ReviewsAsync("");
        var supervisor = await BankAsync("SUPERVISOR.json", b => (int?)b["total_documents_processed"] >= Count("upload"));
        var log = await BankAsync("WORKFLOW_EXECUTION_LOG.json", b => b["executions"]!.AsArray().Count >= _fates.Count);
        var ready = await Host.InDb<OrchestrationDbContext, List<Id<Workflow>?>>(db => db.RaisedEvents.Where(e => e.Type == "ready_for_deployment").Select(e => e.WorkflowId).ToListAsync());
        var blockers = (await Host.Client.GetJsonAsync("/api/v1/blockers?limit=200"))["blockers"]!.AsArray().Select(b => (string?)b!["workflow_id"]).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(asked.Select(r => (string)r["workflow_id"]!), Is.EquivalentTo(RunsOf("upload_asked")), "a person is asked once");
            Assert.That((int)supervisor["total_documents_processed"]!, Is.EqualTo(Count("upload")), "a bank counts each document once");
            Assert.That(log["executions"]!.AsArray().Select(e => (string)e!["workflow_id"]!).Intersect(_fates.Select(f => f.Run), StringComparer.Ordinal), Has.Exactly(_fates.Count).Items);
            Assert.That(log["executions"]!.AsArray().Select(e => (string)e!["workflow_id"]!), Is.Unique);
            Assert.That(ready.Select(run => run.ToString()), Is.EquivalentTo(RunsOf("integration_ready")), "an event is published once");
            Assert.That(blockers, Is.EquivalentTo(RunsOf("integration_blocked")), "a blocker is opened once");
        });
    }

    private async Task LearnTheWaysAsync()
    {
        foreach (var way in Ways)
        {
            await StartAsync(way, new Death(-1, isDone: false));
            if (way == "upload")
            {
                await SettleAsync(_fates, mayBeDead: false);
                _document = await DocumentAsync(_fates[0].Document!);
            }
        }

        await SettleAsync(_fates, mayBeDead: false);
        foreach (var fate in _fates) _paths[fate.Way] = await PathAsync(fate.Run);
    }

    private async Task StartAsync(string way, Death death)
    {
        var fate = new Fate(way, _fates.Count, death);
        _fates.Add(fate);
        _deaths.Next = death;
        await SendAsync(fate);
        Assert.That(_deaths.Next, Is.Null, $"{fate}: its start was written.");
    }

    /// <summary>Sends what starts the run, with its key: a client that wasn't answered asks again.</summary>
    private async Task SendAsync(Fate fate)
    {
        using var answer = fate.Way switch
        {
            "upload" => await Host.Client.SendPdfAsync(SampleLibrary.Claim(1000 + fate.Number, TimeProvider.System).Content, key: fate.Key),
            "upload_asked" => await Host.Client.SendPdfAsync(TestPdf.With($"Of no known form, number {fate.Number}"), key: fate.Key),
            "recognize" => await StartRuleAsync("recognize_template_from_document", new JsonObject { ["document"] = _document.DeepClone() }, fate.Key),
            "sync" => await StartRuleAsync("sync_team_coordination", [], fate.Key),
            "integration_ready" => await StartRuleAsync("test_service_integration", Api("POST", "/api/documents"), fate.Key),
            _ => await StartRuleAsync("test_service_integration", Api("GET", "/elsewhere"), fate.Key),
        };
        if (!answer.IsSuccessStatusCode) return;
        var json = await answer.JsonAsync();
        (fate.Run, fate.Document) = ((string)json["workflow_id"]!, (string?)json["document_id"]);
    }

    private async Task<HttpResponseMessage> StartRuleAsync(string rule, JsonObject context, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/workflows") { Content = JsonContent.Create(new { rule_name = rule, context }), Headers = { { "Idempotency-Key", key } } };
        return await Host.Client.SendAsync(request);
    }

    private static JsonObject Api(string method, string path) =>
        new() { ["service"] = "dox-core-store", ["api"] = new JsonObject { ["endpoints"] = new JsonArray(new JsonObject { ["method"] = method, ["path"] = path }) } };

    private async Task StartAgainAsync(bool losesClaims)
    {
        await Host.StopAsync();
        var lost = _fates.Where((_, i) => losesClaims && i % 2 == 1).Select(f => f.Run).ToHashSet(StringComparer.Ordinal);
        _deaths.ClaimIsLost = run => lost.Contains(run.ToString());
        await Host.StartAgainAsync();
    }

    /// <summary>Answers who is asked, until each run has ended; or, where it may be, is dead.</summary>
    private async Task SettleAsync(IEnumerable<Fate> fates, bool mayBeDead)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var left = fates.ToList();
        while (true)
        {
            foreach (var review in await ReviewsAsync("&state=open"))
            {
                using var answer = await Host.Client.PostAsJsonAsync($"/api/v1/reviews/{review["review_id"]}/reject", new { reason = "Not for us." });
            }

            foreach (var fate in left.ToList())
            {
                if (mayBeDead && fate.Death.Happened || await HasEndedAsync(fate.Run)) left.Remove(fate);
            }

            if (left.Count == 0) return;
            Assert.That(limit.IsCancellationRequested, Is.False, $"{string.Join("; ", left)}{Environment.NewLine}{Host.Logs.Troubles}");
            await look.WaitForNextTickAsync();
        }
    }

    private async Task<bool> HasEndedAsync(string run) =>
        Id<Workflow>.TryParse(run, null, out var id) && await Host.InDb<OrchestrationDbContext, bool>(db => db.EndedRuns.AnyAsync(r => r.Id == id));

    private async Task<string[]> PathAsync(string run) => [.. (await JournalAsync(run)).Select(e => $"{e.Step}/{e.Visit}:{e.Attempt}:{e.Status}:{e.RunStatus}")];

    private Task<List<JournalEntry>> JournalAsync(string run)
    {
        var id = Id<Workflow>.Parse(run, null);
        return Host.InDb<OrchestrationDbContext, List<JournalEntry>>(db => db.Journal.AsNoTracking().Where(e => e.WorkflowId == id).OrderBy(e => e.Sequence).ToListAsync());
    }

    private async Task<IReadOnlyList<JsonNode>> ReviewsAsync(string filter) => [.. (await Host.Client.GetJsonAsync($"/api/v1/reviews?limit=200{filter}"))["reviews"]!.AsArray().Select(r => r!)];

    private async Task<JsonNode> DocumentAsync(string id)
    {
        var found = await Host.Client.GetJsonAsync($"/api/v1/documents/{id}");
        return new JsonObject { ["id"] = id, ["sha256"] = ((string)found["file_hash"]!)["sha256:".Length..], ["length"] = (long)found["file_size"]!, ["media_type"] = (string)found["media_type"]! };
    }

    private async Task<JsonNode> BankAsync(string file, Func<JsonNode, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using var answer = await Host.Client.GetAsync(new Uri($"/api/v1/memory-banks/{file}", UriKind.Relative));
            var bank = await answer.JsonAsync();
            if (answer.IsSuccessStatusCode && wanted(bank)) return bank;
            Assert.That(limit.IsCancellationRequested, Is.False, bank.ToJsonString());
            await look.WaitForNextTickAsync();
        }
    }

    private int Count(string way) => _fates.Count(f => f.Way == way);

    private IEnumerable<string> RunsOf(string way) => _fates.Where(f => f.Way == way).Select(f => f.Run);

    /// <summary>A run, and how it is to die.</summary>
    private sealed class Fate(string way, int number, Death death)
    {
        public string Way => way;

        public int Number => number;

        public Death Death => death;

        public string Key => $"fate-{number}";

        /// <summary>Empty until its start was answered.</summary>
        public string Run { get; set; } = "";

        public string? Document { get; set; }

        public override string ToString() => $"{way} ({death}) {Run}";
    }
}
