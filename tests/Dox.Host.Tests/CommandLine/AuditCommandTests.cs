using System.Data.Common;
using System.Text.Json.Nodes;
using Dox.Host.CommandLine;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Dox.Host.Tests.CommandLine;

/// <summary><c>dox audit verify</c>, on the database of a host that goes on meanwhile.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class AuditCommandTests(DatabaseProvider database)
{
    private const string Ask = "name: ask\nservice: Tests\nversion: \"1.0.0\"\ntrigger: { type: manual, source: a test }\nsteps:\n  - { name: Note, action: custom_logic, params: { logic: 1 + 1 } }\n  - { name: Listen, action: wait, params: { event: go } }\n";

    private readonly DirectoryInfo _rules = Directory.CreateTempSubdirectory("dox-test-");
    private DoxHostFixture _host = null!;
    private string _run = null!;

    [OneTimeSetUp]
    public async Task Run_that_was_paused()
    {
        await File.WriteAllTextAsync(Path.Combine(_rules.FullName, "ask.yaml"), Ask);
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Database = database,
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Dox:Rules:Path:0"] = _rules.FullName },
        });
        using var started = await _host.Client.PostAsync("/api/v1/workflows", Json("""{ "rule_name": "ask" }"""));
        _run = (string)JsonNode.Parse(await started.Content.ReadAsStringAsync())!["workflow_id"]!;
        await _host.WhenQuiet();
        foreach (var verb in new[] { "pause", "resume" })
        {
            using var done = await _host.Client.PostAsync($"/api/v1/workflows/{_run}/{verb}", Json("""{ "reason": "Look first." }"""));
            Assert.That(done.IsSuccessStatusCode, Is.True);
        }

        await _host.WhenQuiet();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        _rules.Delete(recursive: true);
    }

    [Test]
    public async Task Chains_as_they_were_written_end_with_0_and_an_entry_that_was_changed_is_named_and_ends_with_1()
    {
        var (code, output) = await VerifyAsync();
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Match(@"Orchestration journal: 4 entries in 1 chain read\n").And.Match(@"Orchestration audit: 2 entries in 1 chain read, the last hash is [0-9a-f]{64}\n").And.EndWith("All is as it was written.\n"));

        await TamperAsync();
        (code, output) = await VerifyAsync();
        var (jsonCode, json) = await VerifyAsync("--output", "json");
        var broken = JsonNode.Parse(json)!["broken"]!.AsArray();
        Assert.Multiple(() =>
        {
            Assert.That((code, jsonCode), Is.EqualTo((1, 1)));
            Assert.That(output, Does.Contain($"Orchestration journal: {_run}, entry 3: Entry 3 isn't as it was written, or doesn't follow the one before it.\n"));
            Assert.That(output, Does.Contain("Orchestration audit: audit, entry 2: Entry 2 isn't as it was written, or doesn't follow the one before it.\n").And.EndWith("2 broken.\n"));
            Assert.That(broken.Select(b => ((string)b!["chain"]!, (int)b["position"]!)), Is.EquivalentTo(new[] { (_run, 3), ("audit", 2) }));
        });
    }

    private async Task TamperAsync()
    {
        var (schema, text) = database == DatabaseProvider.PostgreSql
            ? ("orchestration.", _host.Services.GetRequiredService<IConfiguration>()["Dox:Database:ConnectionString"])
            : ("", $"Data Source={Path.Combine(_host.DataFolder, "orchestration.db")};Pooling=False");
        await using DbConnection connection = database == DatabaseProvider.PostgreSql ? new NpgsqlConnection(text) : new SqliteConnection(text);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"UPDATE {schema}journal SET decision = 'Because.' WHERE sequence = 3; UPDATE {schema}audit SET actor = 'nobody' WHERE sequence = 2";
        Assert.That(await command.ExecuteNonQueryAsync(), Is.EqualTo(2));
    }

    private async Task<(int Code, string Output)> VerifyAsync(params string[] more)
    {
        var settings = _host.Services.GetRequiredService<IConfiguration>().AsEnumerable().Where(s => s.Key.StartsWith("Dox:", StringComparison.OrdinalIgnoreCase) && s.Value is not null);
        await using var output = new StringWriter();
        var code = await DoxCommandLine.RunAsync(
            ["audit", "verify", .. more],
            setup => DoxApplication.Build(setup with
            {
                Settings = setup.Settings.Concat(settings.Where(s => !setup.Settings.ContainsKey(s.Key))).ToDictionary(s => s.Key, s => s.Value, StringComparer.OrdinalIgnoreCase),
                Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["SERVICE_ENV"] = "development", ["CLAMAV_ENABLED"] = "false" },
            }),
            output);
        return (code, output.ToString());
    }

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
