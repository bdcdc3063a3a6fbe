using System.Net;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Tests.Events;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class DeadLetterTests(DatabaseProvider database)
{
    private const string Straight = "name: straight\nsteps:\n  - { name: A, action: effect }\n";

    private WebhookReceiver _receiver = null!;
    private EventsHost _host = null!;

    [SetUp]
    public async Task Start()
    {
        _receiver = await WebhookReceiver.StartAsync();
        _host = await EventsHost.StartAsync(
            database,
            new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["Dox:Webhooks:AllowedHosts:0"] = $"127.0.0.1:{_receiver.Port}",
                ["Dox:Webhooks:FirstDelay"] = "00:00:00.03",
                ["Dox:Webhooks:LongestDelay"] = "00:00:00.1",
                ["Dox:Webhooks:MaxAttempts"] = "2",
                ["Dox:Outbox:MaxAttempts"] = "1",
                ["Dox:Outbox:PollInterval"] = "00:00:00.1",
            },
            null, Straight);
    }

    [TearDown]
    public async Task Stop()
    {
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Test]
    public async Task Delivery_that_was_given_up_is_listed_and_redriven()
    {
        await SubscribeAsync("/flaky", failures: 2);
        await _host.StartRunAsync("straight");
        var letter = await LetterAsync("delivery");
        Assert.Multiple(() =>
        {
            Assert.That((string)letter["name"]!, Is.EqualTo("workflow_completed"));
            Assert.That((string)letter["last_error"]!, Does.Contain("503").Or.Contain("500"));
            Assert.That((int)letter["attempts"]!, Is.EqualTo(2));
        });

        var (status, answer) = await _host.SendAsync(HttpMethod.Post, $"dead-letters/{letter["dead_letter_id"]}/redrive", new { reason = "their server is back" });
        Assert.That((status, (int)answer!["redriven"]!), Is.EqualTo((HttpStatusCode.OK, 1)));
        await _receiver.WhenAsync(all => all.Count >= 3);
        await _host.WhenAsync("dead-letters", d => (int)d["count"]! == 0);
        await AuditSaysAsync("dead_letter.redrive", (string)letter["dead_letter_id"]!, "their server is back");
    }

    [Test]
    public async Task Dismissed_delivery_is_sent_no_more_and_the_audit_says_why()
    {
        var webhook = await SubscribeAsync("/broken");
        await _host.StartRunAsync("straight");
        var letter = await LetterAsync("delivery");
        var id = (string)letter["dead_letter_id"]!;
        Assert.That((await _host.SendAsync(HttpMethod.Post, $"dead-letters/{id}/dismiss", new { })).Json!["errors"]![0]!["code"]!.GetValue<string>(), Is.EqualTo("reason_missing"));

        var (status, _) = await _host.SendAsync(HttpMethod.Post, $"dead-letters/{id}/dismiss", new { reason = "nobody reads it" });
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await _host.SendAsync(HttpMethod.Post, $"dead-letters/{id}/redrive", new { })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _host.SendAsync(HttpMethod.Post, "dead-letters/redrive", new { })).Json!["redriven"]!.GetValue<int>(), Is.Zero);
        Assert.That((int)(await _host.SendAsync(HttpMethod.Get, $"webhooks/{webhook}/deliveries?status=dismissed")).Json!["count"]!, Is.EqualTo(1));
        await AuditSaysAsync("dead_letter.dismiss", id, "nobody reads it");
    }

    [Test]
    public async Task Message_that_no_module_takes_is_listed_and_redriven()
    {
        await KillAsync(2);
        var all = await _host.WhenAsync("dead-letters?kind=message&module=orchestration", d => (int)d["count"]! == 2);
        var first = all["dead_letters"]![0]!;
        Assert.Multiple(() =>
        {
            Assert.That(((string)first["module"]!, (string)first["target"]!), Is.EqualTo(("Orchestration", "TeamCoordination")));
            Assert.That((string)first["name"]!, Does.StartWith("team-coordination."));
            Assert.That((string)first["last_error"]!, Is.Not.Empty);
        });

        var one = (await _host.SendAsync(HttpMethod.Get, "dead-letters?limit=1")).Json!;
        var two = (await _host.SendAsync(HttpMethod.Get, $"dead-letters?limit=1&cursor={one["next_cursor"]}")).Json!;
        Assert.That(new[] { one, two }.Select(page => (string)page["dead_letters"]![0]!["dead_letter_id"]!), Is.EqualTo(all["dead_letters"]!.AsArray().Select(l => (string)l!["dead_letter_id"]!)));
        Assert.That(two["next_cursor"], Is.Null);

        var redriven = (await _host.SendAsync(HttpMethod.Post, "dead-letters/redrive", new { kind = "message", reason = "again" })).Json!;
        Assert.That((int)redriven["redriven"]!, Is.EqualTo(2));
        // Nothing has changed in what was wrong with them: they come back
        await _host.WhenAsync("dead-letters?kind=message", d => (int)d["count"]! == 2);
    }

    [Test]
    public async Task Dismissed_message_is_gone_and_the_audit_keeps_what_it_was()
    {
        await KillAsync(1);
        var id = (string)(await LetterAsync("message"))["dead_letter_id"]!;
        Assert.That((await _host.SendAsync(HttpMethod.Post, $"dead-letters/{id}/dismiss", new { reason = "the team is gone" })).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((int)(await _host.SendAsync(HttpMethod.Get, "dead-letters")).Json!["count"]!, Is.Zero);
        var entry = await AuditSaysAsync("dead_letter.dismiss", id, "the team is gone");
        Assert.That(((string)entry["details"]!["target"]!, (string)entry["details"]!["module"]!), Is.EqualTo(("TeamCoordination", "Orchestration")));
    }

    [TestCase("dead-letters?kind=letter", "invalid_kind")]
    [TestCase("dead-letters?module=Nobody", "invalid_module")]
    [TestCase("dead-letters?limit=0", "invalid_limit")]
    [TestCase("dead-letters?cursor=xyz", "invalid_cursor")]
    public async Task Bad_question_is_told_what_is_wrong(string path, string code)
    {
        var (status, problem) = await _host.SendAsync(HttpMethod.Get, path);
        Assert.That((status, (string)problem!["code"]!), Is.EqualTo((HttpStatusCode.BadRequest, code)));
    }

    [TestCase("nothing")]
    [TestCase("msg_0193e4a1b2c37d4e8f9a0b1c2d3e4f50")]
    [TestCase("dlv_0193e4a1b2c37d4e8f9a0b1c2d3e4f50")]
    public async Task Letter_that_never_was_is_not_found(string id)
    {
        Assert.That((await _host.SendAsync(HttpMethod.Post, $"dead-letters/{id}/redrive", new { })).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await _host.SendAsync(HttpMethod.Post, $"dead-letters/{id}/dismiss", new { reason = "x" })).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    /// <summary>Messages that their module refuses each time: a review of no team.</summary>
    private Task KillAsync(int count) => _host.Host.InDb<OrchestrationDbContext>(async db =>
    {
        await using var write = await db.BeginWriteAsync(default);
        for (var i = 0; i < count; i++) db.Enqueue(new NotifyTeam("", "", ""));
        await db.SaveChangesAsync();
        await db.Outbox.ExecuteUpdateAsync(s => s.SetProperty(m => m.Body, "{ broken"));
        await write.CommitAsync(default);
    });

    private async Task<JsonNode> LetterAsync(string kind) => (await _host.WhenAsync($"dead-letters?kind={kind}", d => (int)d["count"]! == 1))["dead_letters"]![0]!;

    private async Task<JsonNode> AuditSaysAsync(string action, string subject, string reason)
    {
        var entries = (await _host.SendAsync(HttpMethod.Get, $"audit?action={action}&subject={subject}")).Json!["entries"]!.AsArray();
        Assert.That(entries.Select(e => (string)e!["reason"]!), Is.EqualTo(new[] { reason }));
        return entries[0]!;
    }

    private async Task<string> SubscribeAsync(string path, int failures = 0)
    {
        if (failures > 0) _receiver.Fail(failures);
        var (status, json) = await _host.SendAsync(HttpMethod.Post, "webhooks", new { url = _receiver.Address + path, event_types = new[] { "workflow_completed" } });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), json?.ToJsonString());
        return (string)json!["webhook"]!["webhook_id"]!;
    }
}
