using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Processes;
using Dox.Testing.Servers;

namespace Dox.Host.Tests.Crash;

/// <summary>The process is killed with runs in flight. A new one ends them all, and nothing has happened twice.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class KilledHostTests(DatabaseProvider database)
{
    private const int Runs = 50;

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
        };
        if (database == DatabaseProvider.PostgreSql)
            _variables["Dox__Database__ConnectionString"] = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
    }

    [TearDown]
    public void CleanUp() => _folder.Delete(recursive: true);

    [Test]
    public async Task Runs_in_flight_end_after_a_kill_and_no_effect_is_doubled()
    {
        string[] documents;
        await using (var first = await HostProcess.StartAsync(_variables))
        {
            documents = await SendManyAsync(first.Client);
            Assert.That(await InFlightAsync(first.Client), Is.GreaterThan(0), "The kill is to meet runs in flight.");
            await first.KillAsync();
        }

        await using var second = await HostProcess.StartAsync(_variables);
        foreach (var document in documents)
        {
            var status = await second.Client.AtRestAsync(document);
            Assert.That((string?)status["status"], Is.EqualTo("completed"), status.ToString());
        }

        await AssertNothingIsDoubledAsync(second.Client, documents);
        Assert.That(second.Output, Does.Contain("Took over"), "Runs of the killed process were taken over.");
    }

    private static async Task<string[]> SendManyAsync(HttpClient client)
    {
        var sent = new ConcurrentBag<(HttpStatusCode Status, JsonNode Body)>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Runs), new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, _) => sent.Add(await client.SendAsync(SampleLibrary.Claim(1000 + i, TimeProvider.System))));
        Assert.That(sent.Select(s => s.Status), Is.All.EqualTo(HttpStatusCode.Accepted), string.Join('\n', sent.Select(s => s.Body.ToString())));
        return [.. sent.Select(s => (string)s.Body["document_id"]!)];
    }

    private static async Task<int> InFlightAsync(HttpClient client)
    {
        var runs = await client.GetJsonAsync("/api/v1/workflows?limit=200");
        return runs["workflows"]!.AsArray().Count(r => (bool)r!["active"]!);
    }

    private static async Task AssertNothingIsDoubledAsync(HttpClient client, string[] documents)
    {
        foreach (var document in documents)
        {
            var status = await client.GetJsonAsync($"/api/v1/documents/{document}/status");
            var history = await client.GetJsonAsync($"/api/v1/workflows/{(string?)status["workflow_id"]}/history");
            Assert.That((bool)history["chain_valid"]!, Is.True);
            var succeeded = history["entries"]!.AsArray().Where(e => (string?)e!["status"] == "success").Select(e => (string)e!["step"]!).ToList();
            Assert.That(succeeded, Is.Unique, $"{document}: each step succeeded once.");
        }

        var total = await BankCountAsync(client);
        Assert.That(total, Is.EqualTo(Runs), "Each run counts once in the memory bank.");
    }

    /// <summary>
    /// The banks are written behind the runs: asked until the count stands, or is over. What the killed process was about to deliver waits for
    /// the end of its lease, a minute.
    /// </summary>
    private static async Task<int> BankCountAsync(HttpClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using var response = await client.GetAsync("/api/v1/memory-banks/SUPERVISOR.json");
            var text = await response.Content.ReadAsStringAsync();
            var count = response.IsSuccessStatusCode ? CountOf(JsonNode.Parse(text)!) : 0;
            if (count >= Runs || limit.IsCancellationRequested) return count;
            await look.WaitForNextTickAsync();
        }
    }

    private static int CountOf(JsonNode bank) =>
        (int?)(bank["content"] ?? bank["bank"] ?? bank)["total_documents_processed"] ?? 0;
}
