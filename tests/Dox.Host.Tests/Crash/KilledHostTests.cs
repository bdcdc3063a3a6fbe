using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Processes;
using Dox.Testing.Servers;

namespace Dox.Host.Tests.Crash;

/// <summary>The process is killed with fifty runs in flight. A new one ends them all, and nothing has happened twice.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class KilledHostTests(DatabaseProvider database)
{
    private const int Runs = 50;
    private const int Reviews = 10;
    private const string HeldRule = "held_upload";
    private const int Items = 12;

    // Four lanes at once: the kill meets them in the middle of their items
    private const string Lanes = """
        name: lanes
        service: Tests
        version: "1.0.0"
        trigger: { type: manual, source: a test }
        steps:
          - name: Each
            action: for_each
            params:
              items: "${ [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }"
              concurrency: 4
              steps:
                - { name: Note, action: store_result, params: { table: notes, data: { n: "{item}" } } }
                - { name: Rest, action: wait, params: { seconds: 1 } }
                - { name: Check, action: store_result, params: { table: checks, data: { n: "{item}" } } }
        """;

    private DirectoryInfo _folder = null!;
    private Dictionary<string, string?> _variables = null!;

    [SetUp]
    public async Task Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("dox-crash-");
        _variables = new(StringComparer.Ordinal)
        {
            ["DOX_DATA_PATH"] = _folder.FullName,
            ["CLAMAV_ENABLED"] = "false",
            ["Dox__Rules__Path__0"] = Path.Combine(_folder.FullName, "rules"),
            // The first process sits the wait out in memory, run by run, and holds the lease of all: none gets through before the kill.
            ["Dox__Engine__LongestPause"] = "00:05:00",
        };
        WriteHeldRule(Path.Combine(_folder.FullName, "rules"));
        if (database == DatabaseProvider.PostgreSql)
            _variables["Dox__Database__ConnectionString"] = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
    }

    [TearDown]
    public void CleanUp() => _folder.Delete(recursive: true);

    [Test]
    public async Task Runs_in_flight_end_after_a_kill_and_no_effect_is_doubled()
    {
        string[] documents;
        string lanes;
        await using (var first = await HostProcess.StartAsync(_variables))
        {
            documents = await SendManyAsync(first.Client);
            Assert.That(await InFlightAsync(first.Client), Is.EqualTo(Runs), "The kill is to meet all runs in flight.");
            lanes = await StartLanesAsync(first.Client);
            await first.KillAsync();
        }

        _variables["Dox__Engine__LongestPause"] = null;
        await using var second = await HostProcess.StartAsync(_variables);
        var ends = new List<string>();
        foreach (var document in documents) ends.Add((string)(await second.Client.AtRestAsync(document))["status"]!);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ends.Count(e => e == "completed"), Is.EqualTo(Runs - Reviews));
            Assert.That(ends.Count(e => e == "in_review"), Is.EqualTo(Reviews));
            Assert.That(second.Output, Does.Contain("Took over"), "Runs of the killed process were taken over.");
        }

        await EndOfLanesAsync(second.Client, lanes);
        await Aftermath.AssertNothingIsDoubledAsync(second.Client, documents, completed: Runs - Reviews);
    }

    /// <summary>The shipped rule, with a wait before its first step that another module answers.</summary>
    private static void WriteHeldRule(string folder)
    {
        var shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "workflows", "process_document_upload.yaml"));
        var held = shipped
            .Replace("name: process_document_upload", $"name: {HeldRule}", StringComparison.Ordinal)
            .Replace("  - name: Document Classification", "  - name: Hold\n    action: wait\n    params: { seconds: 20 }\n\n  - name: Document Classification", StringComparison.Ordinal);
        Assert.That(held, Does.Contain("- name: Hold"));
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{HeldRule}.yaml"), held);
        File.WriteAllText(Path.Combine(folder, "lanes.yaml"), Lanes);
    }

    /// <summary>Returns once some lanes have had an effect, and none of them has ended.</summary>
    private static async Task<string> StartLanesAsync(HttpClient client)
    {
        using var started = await client.PostAsync("/api/v1/workflows", new StringContent("""{ "rule_name": "lanes" }""", System.Text.Encoding.UTF8, "application/json"));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await ResultsAsync(client, "notes")).Count == 0) await look.WaitForNextTickAsync();
        Assert.That((await ResultsAsync(client, "checks")).Count, Is.LessThan(Items), "The kill is to meet the lanes in flight.");
        return (string)JsonNode.Parse(await started.Content.ReadAsStringAsync())!["workflow_id"]!;
    }

    private static async Task EndOfLanesAsync(HttpClient client, string run)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((bool)(await client.GetJsonAsync($"/api/v1/workflows/{run}"))["active"]!) await look.WaitForNextTickAsync(limit.Token);
        var (status, notes, checks) = ((string)(await client.GetJsonAsync($"/api/v1/workflows/{run}"))["status"]!, await ResultsAsync(client, "notes"), await ResultsAsync(client, "checks"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(status, Is.EqualTo("success"));
            Assert.That(notes.Order(), Is.EqualTo(Enumerable.Range(1, Items)), "Each item's effect is there once.");
            Assert.That(checks.Order(), Is.EqualTo(Enumerable.Range(1, Items)));
        }
    }

    private static async Task<List<int>> ResultsAsync(HttpClient client, string table) =>
        [.. (await client.GetJsonAsync($"/api/v1/results/{table}?limit=200"))["results"]!.AsArray().Select(row => (int)row!["data"]!["n"]!)];

    private static async Task<string[]> SendManyAsync(HttpClient client)
    {
        var sent = new ConcurrentBag<(HttpStatusCode Status, JsonNode Body)>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Runs), new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) => sent.Add(await client.SendAsync(
                i < Reviews ? SampleLibrary.EarlierInvoice(1000 + i, TimeProvider.System) : SampleLibrary.Claim(1000 + i, TimeProvider.System), HeldRule)));
        Assert.That(sent.Select(s => s.Status), Is.All.EqualTo(HttpStatusCode.Accepted), string.Join('\n', sent.Select(s => s.Body.ToString())));
        return [.. sent.Select(s => (string)s.Body["document_id"]!)];
    }

    private static async Task<int> InFlightAsync(HttpClient client)
    {
        var runs = await client.GetJsonAsync("/api/v1/workflows?limit=200");
        return runs["workflows"]!.AsArray().Count(r => (bool)r!["active"]!);
    }
}
