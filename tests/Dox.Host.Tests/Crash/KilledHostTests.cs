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
        await using (var first = await HostProcess.StartAsync(_variables))
        {
            documents = await SendManyAsync(first.Client);
            Assert.That(await InFlightAsync(first.Client), Is.EqualTo(Runs), "The kill is to meet all runs in flight.");
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
    }

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
