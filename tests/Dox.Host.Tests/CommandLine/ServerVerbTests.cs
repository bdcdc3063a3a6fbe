using System.Net;
using System.Text.Json.Nodes;
using Dox.Host.CommandLine;
using Dox.Host.Demo.Samples;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.CommandLine;

/// <summary>Verbs that ask a server, against a real one with a real scanner.</summary>
public sealed class ServerVerbTests
{
    private DoxHostFixture _host = null!;
    private string _document = null!;
    private string _workflow = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _host = await DoxHostFixture.StartAsync(new DoxHostSetup { Clamd = true });
        var (status, letter) = await _host.Client.SendAsync(SampleLibrary.Letter(TimeProvider.System));
        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), letter.ToString());
        (_document, _workflow) = ((string)letter["document_id"]!, (string)letter["workflow_id"]!);
        await _host.Client.AtRestAsync(_document);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public async Task What_is_there_is_listed_and_shown_as_a_table_or_as_the_servers_json()
    {
        var (code, table) = await RunAsync("documents", "list");
        var document = await JsonAsync("documents", "show", _document);
        var run = await JsonAsync("workflows", "show", _workflow);
        var (_, explained) = await RunAsync("workflows", "explain", _workflow);
        var history = await JsonAsync("workflows", "history", _workflow);
        var reviews = await JsonAsync("reviews", "list", "--document", _document);
        var (_, blockers) = await RunAsync("blockers", "list", "--status", "resolved");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.Zero);
            Assert.That(table, Does.Contain(_document).And.Contain("in_review"));
            Assert.That(document, Is.EqualTo(await _host.Client.GetJsonAsync($"/api/v1/documents/{_document}")).Using<JsonNode>(JsonNode.DeepEquals));
            Assert.That((string?)run["status"], Is.EqualTo("waiting_for_human"));
            Assert.That(explained, Does.Contain("began to wait"));
            Assert.That(history["entries"]!.AsArray(), Is.Not.Empty);
            Assert.That(reviews["reviews"]!.AsArray(), Has.Count.EqualTo(1));
            Assert.That(blockers, Does.Contain("There is none."));
        }
    }

    [Test]
    public async Task A_document_is_fetched_and_no_file_is_overwritten()
    {
        var file = Path.Combine(_host.DataFolder, "fetched.pdf");

        Assert.That((await RunAsync("documents", "fetch", _document, "--to", file)).Code, Is.Zero);
        Assert.That(await File.ReadAllBytesAsync(file), Is.EqualTo(SampleLibrary.Letter(TimeProvider.System).Content));
        Assert.That((await RunAsync("documents", "fetch", _document, "--to", file)).Code, Is.EqualTo(1));
    }

    [Test]
    public async Task A_run_is_paused_resumed_tried_in_bulk_and_refused_what_its_state_does_not_allow()
    {
        var paused = await JsonAsync("workflows", "pause", _workflow, "--reason", "holiday");
        var (twice, told) = await RunAsync("workflows", "pause", _workflow);
        var dry = await JsonAsync("workflows", "bulk", "resume", "--status", "paused", "--dry-run");
        var resumed = await JsonAsync("workflows", "resume", _workflow);
        var (signal, _) = await RunAsync("workflows", "signal", _workflow, "nothing_waits_for_this", "--data", "{\"a\": 1}");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)paused["status"], Is.EqualTo("paused"));
            Assert.That((twice, told), Is.EqualTo((5, told)));
            Assert.That(told, Does.Contain("Possible now: resume"));
            Assert.That((string?)dry["results"]![0]!["outcome"], Is.EqualTo("possible"));
            Assert.That((string?)resumed["previous_status"], Is.EqualTo("paused"));
            Assert.That(signal, Is.EqualTo(5));
        }
    }

    [Test]
    public async Task Quarantine_is_released_by_two_people_and_destroyed_by_one()
    {
        await _host.Client.SendAsync(SampleLibrary.TestVirus(3, TimeProvider.System));
        var id = (string)(await JsonAsync("quarantine", "list", "--status", "quarantined"))["quarantine"]![0]!["quarantine_id"]!;
        var asked = await JsonAsync("quarantine", "release", id, "--reason", "false alarm, says the vendor");
        var (again, told) = await RunAsync("quarantine", "release", id, "--reason", "I insist");
        var gone = await JsonAsync("quarantine", "delete", id, "--reason", "malware");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((string?)asked["quarantine"]!["status"], Is.EqualTo("release_requested"));
            Assert.That((string?)asked["next_steps"], Does.Contain("Another administrator"));
            Assert.That(again, Is.EqualTo(5), told);
            Assert.That((string?)gone["quarantine"]!["status"], Is.EqualTo("deleted"));
            Assert.That((string?)(await JsonAsync("quarantine", "show", id))["status"], Is.EqualTo("deleted"));
            Assert.That((await RunAsync("quarantine", "release", id)).Code, Is.Not.Zero, "a reason must be given");
        }
    }

    [Test]
    public async Task A_second_person_with_a_key_of_their_own_agrees_to_a_release()
    {
        await _host.Client.SendAsync(SampleLibrary.TestVirus(2, TimeProvider.System));
        var id = (string)(await JsonAsync("quarantine", "list", "--status", "quarantined"))["quarantine"]![0]!["quarantine_id"]!;
        var (made, told) = await RunAsync("keys", "create", "bob", "--role", "admin", "--days", "30");
        var (key, keyId) = (told.Split('\n')[0].Trim(), (string)(await JsonAsync("keys", "list"))["keys"]![0]!["key_id"]!);
        var url = _host.Client.BaseAddress!.ToString();

        Assert.That(made, Is.Zero, told);
        Assert.That((string?)(await JsonAsync("quarantine", "release", id, "--reason", "false alarm"))["quarantine"]!["status"], Is.EqualTo("release_requested"));
        var (agreed, answer) = await RunAsync(url, ["quarantine", "release", id, "--reason", "I looked too", "--output", "json"], key);
        var rotated = await JsonAsync("keys", "rotate", keyId);
        var (withOld, _) = await RunAsync(url, ["keys", "show", keyId], key);
        var (withNew, _) = await RunAsync(url, ["keys", "show", keyId], (string?)rotated["api_key"]);
        var revoked = await JsonAsync("keys", "revoke", keyId, "--reason", "left us");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(agreed, Is.Zero, answer);
            Assert.That((string?)JsonNode.Parse(answer)!["quarantine"]!["status"], Is.EqualTo("released"));
            Assert.That((string?)JsonNode.Parse(answer)!["quarantine"]!["decided_by"], Is.EqualTo("bob"));
            Assert.That((withOld, withNew), Is.EqualTo((0, 0)));
            Assert.That((string?)revoked["key"]!["status"], Is.EqualTo("revoked"));
            Assert.That((await RunAsync("keys", "list")).Output, Does.Contain("bob").And.Not.Contain(key));
        }
    }

    [Test]
    public async Task A_document_is_deleted_and_is_gone()
    {
        var (_, sent) = await _host.Client.SendAsync(SampleLibrary.Claim(9, TimeProvider.System));
        var id = (string)sent["document_id"]!;
        await _host.Client.AtRestAsync(id);

        var deleted = await JsonAsync("documents", "delete", id, "--reason", "sent by mistake");
        var (shown, told) = await RunAsync("documents", "show", id);

        Assert.That((string?)deleted["document_id"], Is.EqualTo(id));
        Assert.That((shown, told.Contains("was deleted", StringComparison.Ordinal)), Is.EqualTo((3, true)), told);
    }

    [TestCase(3, "There is no document", "documents", "show", "doc_0193e4a1b2c37d4e8f9a0b1c2d3e4f50")]
    [TestCase(1, "from 1 to", "workflows", "list", "--limit", "0")]
    [TestCase(1, "JSON object", "workflows", "retry", "wf_0193e4a1b2c37d4e8f9a0b1c2d3e4f50", "--context", "[1]")]
    public async Task What_goes_wrong_is_told_with_a_code_for_scripts(int code, string told, params string[] args)
    {
        var (ended, output) = await RunAsync(args);

        Assert.That(ended, Is.EqualTo(code), output);
        Assert.That(output, Does.Contain(told));
    }

    [TestCase("http://127.0.0.1:1", 69, "doesn't answer")]
    [TestCase("ftp://dox", 2, "DOX_URL is 'ftp://dox'")]
    public async Task A_server_that_is_not_there_is_told(string url, int code, string told)
    {
        var (ended, output) = await RunAsync(url, ["documents", "list"]);

        Assert.That(ended, Is.EqualTo(code));
        Assert.That(output, Does.Contain(told));
    }

    [Test]
    public async Task A_key_that_the_server_does_not_know_is_told()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["REQUIRE_AUTH"] = "true", ["API_KEY"] = "0c9d2b8f6a1e4d7b93c5" },
        });

        var (wrong, told) = await RunAsync(host.Client.BaseAddress!.ToString(), ["documents", "list"], "another-key-0000000");
        var (right, _) = await RunAsync(host.Client.BaseAddress!.ToString(), ["documents", "list"], "0c9d2b8f6a1e4d7b93c5");

        Assert.That((wrong, right), Is.EqualTo((4, 0)));
        Assert.That(told, Does.Contain("DOX_API_KEY"));
    }

    private async Task<JsonNode> JsonAsync(params string[] args)
    {
        var (code, output) = await RunAsync([.. args, "--output", "json"]);
        Assert.That(code, Is.Zero, output);
        return JsonNode.Parse(output)!;
    }

    private Task<(int Code, string Output)> RunAsync(params string[] args) => RunAsync(_host.Client.BaseAddress!.ToString(), args);

    private static async Task<(int Code, string Output)> RunAsync(string url, string[] args, string? key = null)
    {
        await using var output = new StringWriter();
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOX_URL"] = url, ["DOX_API_KEY"] = key };
        var code = await DoxCommandLine.RunAsync(args, _ => throw new AssertionException("Nothing was to be built."), output, variables);
        return (code, output.ToString());
    }
}
