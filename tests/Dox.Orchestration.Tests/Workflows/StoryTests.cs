using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Workflows;

/// <summary>What operators did to a run, as history, explanation, graph and audit tell it afterwards: in the order in which it happened, with who and why.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed partial class StoryTests(DatabaseProvider database)
{
    private const string Order = """
        steps:
          - { name: Book, action: effect }
          - { name: Pay, action: effect }
          - { name: Ship, action: effect, params: { fail: 1 } }
          - { name: Tell, action: effect }
        """;

    private const string Undoable = """
        steps:
          - { name: Book, action: effect, compensate: { action: notify_team, params: { team: Document, subject: Unbook, message: As it was. } } }
          - { name: Pay, action: effect, compensate: { action: notify_team, params: { team: Document, subject: Pay back, message: As it was. } } }
          - { name: Send, action: obey }
          - { name: Tell, action: effect }
        """;

    private const string GivesBack = """
        steps:
          - { name: Take, action: effect, compensate: { action: notify_team, params: { team: Document, subject: Give back, message: As it was. } } }
          - { name: Use, action: effect, compensate: { action: notify_team, params: { team: Document, subject: Clean, message: As it was. } } }
          - { name: Break, action: effect, params: { fail: 1 }, on_failure: rollback }
        """;

    private OperatorHost _host = null!;

    [OneTimeSetUp]
    public async Task Start() => _host = await OperatorHost.StartAsync(database, ("order", Order), ("undoable", Undoable), ("gives_back", GivesBack), ("crowd", Order), ("grows", Order));

    [OneTimeTearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z", RegexOptions.NonBacktracking)]
    private static partial Regex Moment();

    [Test]
    public async Task Run_that_was_paused_resumed_and_retried()
    {
        var gate = _host.Effects.HoldUp("Pay");
        var run = await _host.StartRunAsync("order");
        await gate.Reached;
        Assert.That((await _host.PostAsync($"workflows/{run}/pause", new { reason = "Wait for the stock." })).Status, Is.EqualTo(HttpStatusCode.Accepted), "A step is under way.");
        gate.Open();
        await _host.WhenAsync(run, "paused");
        Assert.That(await SummaryAsync(run), Is.EqualTo("It was paused by anonymous at TIME: Wait for the stock. It stands at 'Ship', and goes on once it is resumed."));
        await _host.PostAsync($"workflows/{run}/resume", new { reason = "It is there." });
        await _host.WhenAsync(run, "failed");
        Assert.That(await SummaryAsync(run), Is.EqualTo("It failed at 'Ship': Not yet. (flaky)."));
        await _host.PostAsync($"workflows/{run}/retry", new { reason = "The carrier is back." });
        await _host.WhenAsync(run, "success");

        Assert.That(await SummaryAsync(run), Is.EqualTo("It succeeded after 5 attempts; the last step was 'Tell'."));
        Assert.That(await ToldAsync(run), Is.EqualTo(new[]
        {
            "'Book' succeeded", "'Pay' succeeded", "anonymous paused the run: Wait for the stock.", "anonymous let the run go on: It is there.",
            "'Ship' failed: Not yet. (flaky)", "anonymous had the failed step tried once more: The carrier is back.", "'Ship' succeeded at attempt 2", "'Tell' succeeded",
        }));
        Assert.That(await HistoryAsync(run), Is.EqualTo(new[]
        {
            "attempt effect Book success", "attempt effect Pay success", "operator pause Ship by anonymous: Wait for the stock.", "operator resume Ship by anonymous: It is there.",
            "attempt effect Ship failed", "operator retry Ship by anonymous: The carrier is back.", "attempt effect Ship success", "attempt effect Tell success",
        }));
        Assert.That(await AuditAsync(run), Is.EqualTo(new[]
        {
            "workflow.pause running > paused: Wait for the stock.", "workflow.resume paused > running: It is there.", "workflow.retry failed > running: The carrier is back.",
        }));
        Assert.That(await PathAsync(run), Is.EqualTo("Book success, Pay success, Ship success, Tell success, success reached | Book>Pay, Pay>Ship, Ship>Tell, Tell>success"));
        Assert.That(_host.Effects.Keys.Where(key => key.StartsWith(run.ToString(), StringComparison.Ordinal)), Is.EqualTo(new[] { $"{run}/Book/1", $"{run}/Pay/1", $"{run}/Ship/1", $"{run}/Ship/1", $"{run}/Tell/1" }));
    }

    [Test]
    public async Task Run_that_was_cancelled_while_a_step_ran_and_undone_newest_first()
    {
        var gate = _host.Effects.HoldUp("Send");
        var run = await _host.StartRunAsync("undoable");
        await gate.Reached;
        var answer = await _host.SendAsync(HttpMethod.Delete, $"workflows/{run}", new { reason = "Ordered twice.", rollback = true });
        Assert.That((answer.Status, (bool)answer.Json["pending"]!), Is.EqualTo((HttpStatusCode.Accepted, true)));
        await _host.WhenAsync(run, "cancelled");

        Assert.That(await SummaryAsync(run), Is.EqualTo("It was cancelled: cancel by anonymous: Ordered twice. What it had done was undone first."));
        Assert.That(await ToldAsync(run), Is.EqualTo(new[]
        {
            "'Book' succeeded", "'Pay' succeeded", "'Send' was cancelled", "anonymous cancelled the run: Ordered twice.", "'Pay' was undone", "'Book' was undone",
        }));
        Assert.That(await HistoryAsync(run), Is.EqualTo(new[]
        {
            "attempt effect Book success", "attempt effect Pay success", "attempt obey Send cancelled", "operator cancel Send by anonymous: Ordered twice.",
            "compensation notify_team Pay success", "compensation notify_team Book success",
        }));
        Assert.That(await AuditAsync(run), Is.EqualTo(new[] { "workflow.cancel running > cancelled: Ordered twice." }));
        Assert.That(await PathAsync(run), Is.EqualTo("Book undone, Pay undone, Send cancelled, cancelled reached | Book>Pay, Pay>Send, Send>cancelled"));
        Assert.That(await EventsAsync(run), Is.EqualTo(new[]
        {
            "workflow_started", "step_completed Book", "step_completed Pay", "step_completed Send", "step_completed Pay (undone)", "step_completed Book (undone)", "workflow_cancelled",
        }), "Subscribers are told of what was undone, and of no step where an operator acted.");
    }

    [Test]
    public async Task Run_that_undid_what_it_did_because_a_step_failed()
    {
        var run = await _host.StartRunAsync("gives_back");
        await _host.WhenAsync(run, "failed");
        Assert.That(await SummaryAsync(run), Is.EqualTo("It failed at 'Break': Not yet. (flaky). What it had done was undone."));
        Assert.That(await ToldAsync(run), Is.EqualTo(new[] { "'Take' succeeded", "'Use' succeeded", "'Break' failed: Not yet. (flaky)", "'Use' was undone", "'Take' was undone" }));
        Assert.That(await PathAsync(run), Is.EqualTo("Take undone, Use undone, Break failed, failed reached | Take>Use, Use>Break, Break>failed"));

        var (again, code) = ((await _host.PostAsync($"workflows/{run}/retry")).Json, "nothing_to_retry");
        Assert.That(((string)again["code"]!, (string)again["message"]!), Is.EqualTo((code, "What the run did before was undone, so the failed step can't be gone on from. Replay it from a step.")));
    }

    [Test]
    public async Task Run_whose_failed_step_was_skipped()
    {
        var run = await _host.StartRunAsync("order");
        await _host.WhenAsync(run, "failed");
        Assert.That((await _host.PostAsync($"workflows/{run}/skip")).Status, Is.EqualTo(HttpStatusCode.BadRequest), "Not without a reason.");
        await _host.PostAsync($"workflows/{run}/skip", new { reason = "Shipped by hand." });
        await _host.WhenAsync(run, "success");

        Assert.That(await ToldAsync(run), Is.EqualTo(new[]
        {
            "'Book' succeeded", "'Pay' succeeded", "'Ship' failed: Not yet. (flaky)", "anonymous skipped 'Ship': Shipped by hand.", "'Ship' was skipped", "'Tell' succeeded",
        }));
        Assert.That(await AuditAsync(run), Is.EqualTo(new[] { "workflow.skip failed > running: Shipped by hand." }));
        Assert.That(await PathAsync(run), Is.EqualTo("Book success, Pay success, Ship skipped, Tell success, success reached | Book>Pay, Pay>Ship, Ship>Tell, Tell>success"));
    }

    [Test]
    public async Task Run_that_was_replayed_from_a_step_by_a_newer_version_of_its_rule()
    {
        var first = await _host.StartRunAsync("grows");
        await _host.WhenAsync(first, "failed");
        _host.Write("grows", "1.1.0", "steps:\n  - { name: Book, action: effect }\n  - { name: Pay, action: effect }\n  - { name: Ship, action: effect }\n  - { name: Insure, action: effect }\n  - { name: Tell, action: effect }");
        await _host.Host.Services.GetRequiredService<RuleBook>().ReloadAsync(CancellationToken.None);
        var answer = await _host.PostAsync($"workflows/{first}/replay", new { from_step = "Ship", rule_version = "newest", reason = "The rule was wrong." });
        Assert.That((answer.Status, (string)answer.Json["rule_version"]!), Is.EqualTo((HttpStatusCode.Created, "1.1.0")), answer.Text);
        var run = Id<Workflow>.Parse((string)answer.Json["workflow_id"]!, null);
        await _host.WhenAsync(run, "success");

        var explained = (await _host.GetAsync($"workflows/{run}/explain")).Json;
        var text = (await _host.GetAsync($"workflows/{run}/explain?format=text")).Text;
        Assert.Multiple(() =>
        {
            Assert.That(((string)explained["rule_version"]!, (string)explained["replay_of"]!), Is.EqualTo(("1.1.0", first.ToString())));
            Assert.That(text, Does.Contain($"It replays {first}, and has that one's results of the steps before."));
            Assert.That(_host.Effects.Keys.Where(key => key.StartsWith(run.ToString(), StringComparison.Ordinal)), Is.EqualTo(new[] { $"{run}/Ship/1", $"{run}/Insure/1", $"{run}/Tell/1" }), "Effects of the steps before don't happen again.");
        });
        Assert.That(await ToldAsync(run), Is.EqualTo(new[] { "'Ship' succeeded", "'Insure' succeeded", "'Tell' succeeded" }));
        Assert.That(await PathAsync(run), Is.EqualTo("Ship success, Insure success, Tell success, success reached | Ship>Insure, Insure>Tell, Tell>success"));
        Assert.That(await AuditAsync(first), Is.EqualTo(new[] { "workflow.replay failed > failed: The rule was wrong." }));
        Assert.That(await ToldAsync(first), Is.EqualTo(new[] { "'Book' succeeded", "'Pay' succeeded", "'Ship' failed: Not yet. (flaky)" }), "The first run stays as it was.");
        Assert.That((string)(await _host.GetAsync($"workflows/{first}/explain")).Json["rule_version"]!, Is.EqualTo("1.0.0"));
    }

    [Test]
    public async Task Many_runs_that_a_filter_found()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _host.StartRunAsync("crowd")));
        foreach (var run in runs) await _host.WhenAsync(run, "failed");
        var wanted = new JsonObject { ["verb"] = "retry", ["filter"] = new JsonObject { ["rule"] = "crowd", ["status"] = "failed" }, ["reason"] = "The carrier is back.", ["limit"] = 3, ["dry_run"] = true };
        var tried = await _host.PostAsync("workflows/bulk", wanted);
        Assert.That(tried.Json["results"], Is.Not.Null, tried.Text);
        Assert.That(tried.Json["results"]!.AsArray().Select(item => (string)item!["outcome"]!), Is.EqualTo(new[] { "possible", "possible", "possible" }));
        Assert.That(await AuditAsync(runs[0]), Is.Empty, "Nothing was done.");

        wanted["dry_run"] = false;
        var done = new List<string>();
        var pages = 0;
        for (string? cursor = ""; cursor is not null; pages++)
        {
            if (cursor.Length > 0) wanted["cursor"] = cursor;
            var page = (await _host.PostAsync("workflows/bulk", wanted)).Json;
            Assert.That(page["results"], Is.Not.Null, page.ToJsonString());
            done.AddRange(page["results"]!.AsArray().Select(item => $"{(string)item!["workflow_id"]!} {(string)item["outcome"]!}"));
            cursor = (string?)page["next_cursor"];
        }

        Assert.That(done, Is.EquivalentTo(runs.Select(run => $"{run} done")));
        Assert.That(pages, Is.EqualTo(2));
        foreach (var run in runs)
        {
            await _host.WhenAsync(run, "success");
            Assert.That(await AuditAsync(run), Is.EqualTo(new[] { "workflow.retry failed > running: The carrier is back." }));
            Assert.That(await ToldAsync(run), Does.Contain("anonymous had the failed step tried once more: The carrier is back."));
        }
    }

    private async Task<string> SummaryAsync(Id<Workflow> run) => Moment().Replace((string)(await _host.GetAsync($"workflows/{run}/explain")).Json["summary"]!, "TIME");

    /// <summary>The sentences of the explanation, each turn's first line.</summary>
    private async Task<List<string>> ToldAsync(Id<Workflow> run)
    {
        var text = (await _host.GetAsync($"workflows/{run}/explain", ("Accept", "text/plain"))).Text;
        return [.. text.Split('\n').Where(line => TurnLine().IsMatch(line)).Select(line => TurnLine().Replace(line, ""))];
    }

    [GeneratedRegex(@"^ *\d+\. \S+ \S+Z  ", RegexOptions.NonBacktracking)]
    private static partial Regex TurnLine();

    private async Task<List<string>> HistoryAsync(Id<Workflow> run)
    {
        var history = (await _host.GetAsync($"workflows/{run}/history")).Json;
        Assert.That((bool)history["chain_valid"]!, Is.True);
        return [.. history["entries"]!.AsArray().Select(e => $"{e!["kind"]} {e["action"]} {e["step"]} {((string)e["kind"]! == "operator" ? $"by {e["actor"]}: {e["decision"]}" : (string)e["status"]!)}")];
    }

    private async Task<List<string>> AuditAsync(Id<Workflow> run) =>
        [.. (await _host.GetAsync($"audit?subject={run}")).Json["entries"]!.AsArray().Reverse().Select(e => $"{e!["action"]} {e["from_state"]} > {e["to_state"]}: {e["reason"]}")];

    /// <summary>What was reached, and the ways that were gone.</summary>
    private async Task<string> PathAsync(Id<Workflow> run)
    {
        var graph = (await _host.GetAsync($"workflows/{run}/graph")).Json;
        var mermaid = (await _host.GetAsync($"workflows/{run}/graph?format=mermaid")).Text;
        var reached = graph["nodes"]!.AsArray().Where(node => (string)node!["state"]! != "not_reached").Select(node => $"{node!["id"]} {node["state"]}").ToList();
        var gone = graph["edges"]!.AsArray().Where(edge => (int)edge!["taken"]! > 0).Select(edge => $"{edge!["from"]}>{edge["to"]}").ToList();
        Assert.That(mermaid.Split("==>").Length - 1, Is.EqualTo(gone.Count), "The drawing shows the same ways.");
        return $"{string.Join(", ", reached)} | {string.Join(", ", gone)}";
    }

    private async Task<List<string>> EventsAsync(Id<Workflow> run)
    {
        var told = new List<string>();
        using var stream = await _host.Host.Client.GetStreamAsync($"/api/v1/workflows/{run}/events") is var body ? new StreamReader(body) : null!;
        while (await stream.ReadLineAsync() is { } line)
        {
            if (!line.StartsWith("data:", StringComparison.Ordinal)) continue;
            var e = JsonNode.Parse(line["data:".Length..])!;
            var step = (string?)e["event_data"]!["step_name"];
            told.Add($"{(string)e["event_type"]!}{(step is null ? "" : $" {step}{((bool)e["event_data"]!["compensation"]! ? " (undone)" : "")}")}");
            if (told[^1] is "workflow_cancelled" or "workflow_completed" or "workflow_failed") break;
        }

        return told;
    }
}
