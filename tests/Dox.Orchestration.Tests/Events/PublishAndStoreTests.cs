using System.Net;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Servers;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace Dox.Orchestration.Tests.Events;

/// <summary>What rules tell and store.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class PublishAndStoreTests(DatabaseProvider database)
{
    private const string Tell = """
        name: tell
        steps:
          - { name: A, action: effect }
          - name: Tell
            action: publish_event
            params:
              events:
                - { event: invoice_seen, data: { number: "${input.number}" } }
                - { event: large_invoice_seen, condition: "input.number > 100" }
                - { event: odd_invoice_seen, condition: "this is no expression" }
                - { event: team_told, for_each_team: true, data: { text: Well } }
        """;

    private const string Own = "name: own\nsteps:\n  - { name: Tell, action: publish_event, params: { event: workflow_completed } }\n";

    private const string Keep = """
        name: keep
        steps:
          - { name: Keep, action: store_result, params: { table: invoices, key: "${input.number}", data: { number: "${input.number}", total: "${input.total}" } } }
        """;

    private EventsHost _host = null!;
    private string _prefix = "";

    [SetUp]
    public async Task Start()
    {
        var redis = await RedisServer.SharedAsync();
        _prefix = RedisServer.NewPrefix() + ":";
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["REDIS_HOST"] = redis.Host,
            ["REDIS_PORT"] = redis.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["REDIS_PASSWORD"] = redis.Password,
            ["Dox:Redis:Prefix"] = RedisServer.NewPrefix(),
            ["Dox:Events:ChannelPrefix"] = _prefix,
        };
        _host = await EventsHost.StartAsync(database, settings, clock: null, Tell, Own, Keep);
    }

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Published_events_stand_in_the_feed_before_the_end_of_their_step()
    {
        await using var all = await _host.FollowAsync("events");
        var run = await _host.StartRunAsync("tell", new JsonObject { ["number"] = 7 });
        await using var ofRun = await _host.FollowAsync($"workflows/{run}/events");
        var told = await all.UntilAsync("workflow_completed");
        var toldOfRun = await ofRun.UntilAsync("workflow_completed");

        Assert.That(told.Select(e => e.Type), Is.EqualTo(new[] { "workflow_started", "step_completed", "invoice_seen" }
            .Concat(Enumerable.Repeat("team_told", 7)).Concat(["step_completed", "workflow_completed"])));
        Assert.That(told[2].Data["number"]!.GetValue<int>(), Is.EqualTo(7));
        Assert.That(told.Where(e => e.Type == "team_told").Select(e => (string?)e.Data["team"]), Is.Unique.And.Contains("Signing"));
        Assert.That(toldOfRun.Select(e => e.EventId), Is.EquivalentTo(told.Select(e => e.EventId)));
        Assert.That(toldOfRun.Select(e => e.Type), Is.EqualTo(told.Select(e => e.Type)));
    }

    [Test]
    public async Task Condition_that_holds_lets_its_event_through()
    {
        await using var all = await _host.FollowAsync("events?types=large_invoice_seen,workflow_completed");
        await _host.StartRunAsync("tell", new JsonObject { ["number"] = 700 });
        var told = await all.UntilAsync("workflow_completed");

        Assert.That(told.Select(e => e.Type), Is.EqualTo(new[] { "large_invoice_seen", "workflow_completed" }));
    }

    [Test]
    public async Task Rule_cant_say_of_a_run_what_only_the_engine_knows()
    {
        var run = await _host.StartRunAsync("own");
        var ended = await _host.WhenAsync($"workflows/{run}", w => (bool)w["completed"]!);

        Assert.That((string?)ended["status"], Is.EqualTo("failed"));
        Assert.That((string?)ended["error"]!["code"], Is.EqualTo("reserved_event"));
    }

    [Test]
    public async Task Result_is_stored_once_for_its_key_and_can_be_read()
    {
        for (var i = 0; i < 2; i++)
        {
            var run = await _host.StartRunAsync("keep", new JsonObject { ["number"] = "A-1", ["total"] = 12.5 });
            await _host.WhenAsync($"workflows/{run}", w => (string?)w["status"] == "success");
        }

        var results = await _host.WhenAsync("results/invoices", r => (int)r["count"]! > 0);
        Assert.That((int)results["count"]!, Is.EqualTo(1));
        Assert.That((double)results["results"]![0]!["data"]!["total"]!, Is.EqualTo(12.5));
        Assert.That((await _host.SendAsync(HttpMethod.Get, "results/invoices?key=A-2")).Json!["results"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task Other_data_under_the_same_key_is_refused()
    {
        await _host.StartRunAsync("keep", new JsonObject { ["number"] = "A-1", ["total"] = 12.5 });
        await _host.WhenAsync("results/invoices", r => (int)r["count"]! == 1);
        var second = await _host.StartRunAsync("keep", new JsonObject { ["number"] = "A-1", ["total"] = 99 });
        var ended = await _host.WhenAsync($"workflows/{second}", w => (bool)w["completed"]!);

        Assert.That((string?)ended["error"]!["code"], Is.EqualTo("result_exists"));
    }

    [Test]
    public async Task Pages_of_results_follow_each_other()
    {
        foreach (var number in new[] { "1", "2", "3" })
        {
            await _host.StartRunAsync("keep", new JsonObject { ["number"] = number, ["total"] = 1 });
            await _host.WhenAsync("results/invoices", r => (int)r["count"]! == int.Parse(number, System.Globalization.CultureInfo.InvariantCulture));
        }

        var first = (await _host.SendAsync(HttpMethod.Get, "results/invoices?limit=2")).Json!;
        var second = (await _host.SendAsync(HttpMethod.Get, $"results/invoices?limit=2&cursor={(string)first["next_cursor"]!}")).Json!;
        var keys = first["results"]!.AsArray().Concat(second["results"]!.AsArray()).Select(r => (string?)r!["key"]);

        Assert.That(keys, Is.EqualTo(new[] { "3", "2", "1" }));
        Assert.That((await _host.SendAsync(HttpMethod.Get, "results/invoices?cursor=x")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Redis_channels_carry_each_event_by_its_type()
    {
        var server = await RedisServer.SharedAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { server.Host, server.Port } }, Password = server.Password });
        var heard = new System.Collections.Concurrent.ConcurrentQueue<(string Channel, JsonNode Event)>();
        var done = new TaskCompletionSource();
        var queue = await redis.GetSubscriber().SubscribeAsync(RedisChannel.Pattern(_prefix + "*"));
        queue.OnMessage(heardNow =>
        {
            heard.Enqueue((heardNow.Channel.ToString()[_prefix.Length..], JsonNode.Parse(heardNow.Message.ToString())!));
            if (heardNow.Channel.ToString().EndsWith(":completed", StringComparison.Ordinal)) done.TrySetResult();
        });
        var run = await _host.StartRunAsync("tell", new JsonObject { ["number"] = 7 });
        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(heard.Select(h => h.Channel).Distinct(StringComparer.Ordinal), Is.EquivalentTo(new[] { "workflows", "workflows:started", "workflows:completed", "workflows:steps", "events" }));
        Assert.That(heard.Where(h => h.Channel == "workflows").Select(h => (string?)h.Event["event_type"]), Is.EqualTo(new[] { "workflow_started", "workflow_completed" }));
        Assert.That((string?)heard.Last().Event["event_data"]!["workflow_id"], Is.EqualTo(run.ToString()));
    }

    [Test]
    public async Task Step_that_publishes_again_after_a_crash_publishes_the_same_events()
    {
        var run = await _host.StartRunAsync("tell", new JsonObject { ["number"] = 7 });
        await _host.WhenAsync($"workflows/{run}", w => (bool)w["completed"]!);
        var command = new Orchestration.Events.PublishEvents.Command($"{run}/Tell/1", "Tests", run, null, [new("invoice_seen", new JsonObject { ["number"] = 7 })]);
        var again = await _host.Host.SendAsync(command, Dox.SharedKernel.Access.Caller.System);

        var stored = await _host.Host.InDb<OrchestrationDbContext, int>(db => db.RaisedEvents.CountAsync(e => e.Type == "invoice_seen"));
        Assert.That(again.EventIds, Has.Count.EqualTo(1));
        Assert.That(stored, Is.EqualTo(1));
    }
}
