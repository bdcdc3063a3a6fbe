using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.Documents;

/// <summary>A real clamd that isn't there when documents come, and is later.</summary>
public sealed class ScannerAwayTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [TestCase(DatabaseProvider.Sqlite, "There is no scanner")]
    [TestCase(DatabaseProvider.PostgreSql, "There is no scanner")]
    [TestCase(DatabaseProvider.Sqlite, "doesn't find the test virus: its signatures are missing")]
    public async Task Documents_wait_for_the_scanner_and_finish_when_it_is_back(DatabaseProvider database, string trouble)
    {
        var isThere = trouble.Contains("signatures", StringComparison.Ordinal);
        await using var clamd = await ClamdServer.StartPrivateAsync(knowsTheVirus: !isThere);
        if (!isThere) await clamd.StopAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await StartAsync(clamd, "true", clock, database);
        var clean = new List<string>();
        for (var i = 0; i < 3; i++) clean.Add(await SendAsync(host, TestPdf.With($"waiting {i}"), "awaiting_scan"));
        var evil = await SendAsync(host, WithVirus(), "awaiting_scan");
        await host.WhenQuiet();

        var health = JsonNode.Parse(await (await host.Client.GetAsync("/health")).Content.ReadAsStringAsync())!;
        var waiting = await host.Client.GetJsonAsync($"/api/v1/documents/{clean[0]}");
        using var content = await host.Client.GetAsync($"/api/v1/documents/{clean[0]}/content");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)health["components"]!["clamav"], Is.EqualTo("degraded"));
            Assert.That((string?)health["details"]!["clamav"]!["description"], Does.Contain(trouble));
            Assert.That((string?)waiting["scan"]!["status"], Is.EqualTo("awaiting_scan"));
            Assert.That(content.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "nobody reads what wasn't scanned");
        }

        await (isThere ? clamd.LearnAsync() : clamd.StartAsync());
        foreach (var document in clean) await UntilAsync(host, clock, document, d => (string?)d["status"] == "in_review");
        var refused = await UntilAsync(host, clock, evil, d => (string?)d["status"] == "failed");
        var scanned = await host.Client.GetJsonAsync($"/api/v1/documents/{clean[0]}");
        Assert.That((string?)scanned["scan"]!["status"], Is.EqualTo("clean"));
        Assert.That((string?)refused["reason"], Does.Contain("threat"));
    }

    [TestCase(DatabaseProvider.Sqlite)]
    [TestCase(DatabaseProvider.PostgreSql)]
    public async Task What_passed_unscanned_says_so_until_it_is_scanned_and_a_virus_found_then_goes_out_of_reach(DatabaseProvider database)
    {
        await using var clamd = await ClamdServer.StartPrivateAsync();
        await clamd.StopAsync();
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await StartAsync(clamd, "auto", clock, database);
        var clean = await SendAsync(host, TestPdf.With("unscanned"), "valid");
        var evil = await SendAsync(host, WithVirus(), "valid");
        await host.WhenQuiet();
        Assert.That((string?)(await host.Client.GetJsonAsync($"/api/v1/documents/{evil}"))["scan"]!["status"], Is.EqualTo("not_scanned"));
        using (var readable = await host.Client.GetAsync($"/api/v1/documents/{evil}/content")) Assert.That(readable.StatusCode, Is.EqualTo(HttpStatusCode.OK));

        await clamd.StartAsync();
        await UntilAsync(host, clock, clean, d => (string?)d["scan"]!["status"] == "clean");
        using (var asked = await host.Client.PostAsJsonAsync("/api/v1/validate/scan", new { document_id = clean }))
            Assert.That((asked.StatusCode, (string?)(await asked.JsonAsync())["scan_result"]?["scan_result"]), Is.EqualTo((HttpStatusCode.OK, "clean")));
        using (var path = await host.Client.PostAsJsonAsync("/api/v1/validate/scan", new { file_path = "/etc/passwd" }))
            Assert.That((path.StatusCode, (string?)(await path.JsonAsync())["code"]), Is.EqualTo((HttpStatusCode.BadRequest, "file_missing")));
        await UntilAsync(host, clock, evil, d => (string?)d["status"] == "quarantined");
        await host.WhenQuiet();
        var found = await host.Client.GetJsonAsync($"/api/v1/documents/{evil}");

        using var gone = await host.Client.GetAsync($"/api/v1/documents/{evil}/content");
        var run = await host.Client.GetJsonAsync($"/api/v1/workflows/{(string?)found["workflow_id"]}");
        var blockers = await host.Client.GetJsonAsync("/api/v1/blockers?status=open");
        var quarantine = await host.Client.GetJsonAsync("/api/v1/quarantine");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)found["scan"]!["virus_scan_result"]!["threat_name"], Does.Contain(TestVirus.Name));
            Assert.That((gone.StatusCode, (string?)(await gone.JsonAsync())["code"]), Is.EqualTo((HttpStatusCode.Conflict, "document_quarantined")));
            Assert.That(((string?)run["status"], (string?)found["reason"]), Is.EqualTo(("cancelled", $"cancel by system: A threat was found in its document: {found["scan"]!["virus_scan_result"]!["threat_name"]}. The content is in quarantine as {quarantine["quarantine"]![0]!["quarantine_id"]}.")));
            Assert.That(blockers["blockers"]!.AsArray().Select(b => (string?)b!["description"]), Has.Some.Contains(evil));
            Assert.That((bool)quarantine["quarantine"]![0]!["was_accepted"]!, Is.True);
        }

        // The same bytes again aren't answered with what nobody can read
        using var again = await host.Client.SendPdfAsync(WithVirus());
        Assert.That((again.StatusCode, (string?)(await again.JsonAsync())["code"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "infected")));
    }

    private static Task<DoxHostFixture> StartAsync(ClamdServer clamd, string mode, FakeTimeProvider clock, DatabaseProvider database) => DoxHostFixture.StartAsync(new DoxHostSetup
    {
        Database = database,
        Clock = clock,
        Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["CLAMAV_ENABLED"] = mode,
            ["CLAMAV_HOST"] = clamd.Host,
            ["CLAMAV_PORT"] = $"{clamd.Port}",
            ["Dox:Validation:ClamAv:RescansPerMinute"] = "1000000",
            // The host's time passes faster than clamd's
            ["Dox:Validation:ClamAv:ConnectSeconds"] = "60",
            ["CLAMAV_TIMEOUT"] = "3600",
            ["MAX_FILE_SIZE_MB"] = "2",
        },
    });

    private static async Task<string> SendAsync(DoxHostFixture host, byte[] pdf, string status)
    {
        using var response = await host.Client.SendPdfAsync(pdf);
        var answer = await response.JsonAsync();
        Assert.That((response.StatusCode, (string?)answer["validation_result"]?["final_status"]), Is.EqualTo((HttpStatusCode.Accepted, status)), answer.ToString());
        return (string)answer["document_id"]!;
    }

    /// <summary>Lets the host's time pass until the document is so.</summary>
    private static async Task<JsonNode> UntilAsync(DoxHostFixture host, FakeTimeProvider clock, string document, Func<JsonNode, bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var now = await host.Client.GetJsonAsync($"/api/v1/documents/{document}");
            if (isSo(now)) return now;
            clock.Advance(TimeSpan.FromSeconds(1));
            try
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{now}\n{host.Logs.Troubles}");
            }
        }
    }

    private static byte[] WithVirus()
    {
        var pdf = System.Text.Encoding.Latin1.GetString(TestPdf.With("a letter with an attachment"));
        var virus = System.Text.Encoding.Latin1.GetString(TestVirus.ToBytes());
        return System.Text.Encoding.Latin1.GetBytes(pdf.Replace("xref\n0", $"9 0 obj\n<</Type/EmbeddedFile/Length {virus.Length}>>stream\n{virus}\nendstream\nendobj\nxref\n0", StringComparison.Ordinal));
    }
}
