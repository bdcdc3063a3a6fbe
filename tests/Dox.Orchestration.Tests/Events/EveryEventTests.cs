using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Dox.Orchestration.Events;
using Dox.Orchestration.Services;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Servers;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Dox.Orchestration.Tests.Events;

/// <summary>Each event that docs/reference/events.md names is raised by what it tells of, and reaches a stream, its Redis channels and a webhook.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class EveryEventTests(DatabaseProvider database)
{
    private const string Good = "name: good\nsteps:\n  - { name: A, action: effect }\n  - { name: B, action: update_memory, params: { file: SUPERVISOR.json, update: { seen: \"+1\" } } }\n";
    private const string Bad = "name: bad\nsteps:\n  - { name: A, action: effect, params: { fail: 9 }, on_failure: fail }\n";
    private const string Asks = "name: asks\nsteps:\n  - { name: Ask, action: manual_intervention, params: { team: Document, subject: Well? } }\n";
    private const string Contract = """{"contracts":{"dox-core-store":{"endpoints":[{"method":"POST","path":"/api/documents"}]}}}""";

    private readonly ConcurrentQueue<(string Channel, JsonNode Event)> _heard = new();
    private ConnectionMultiplexer _redis = null!;
    private WebhookReceiver _receiver = null!;
    private EventsHost _host = null!;
    private List<ToldEvent> _told = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        var server = await RedisServer.SharedAsync();
        var prefix = RedisServer.NewPrefix() + ":";
        _receiver = await WebhookReceiver.StartAsync();
        _host = await EventsHost.StartAsync(
            database,
            new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
            {
                ["REDIS_HOST"] = server.Host,
                ["REDIS_PORT"] = server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["REDIS_PASSWORD"] = server.Password,
                ["Dox:Redis:Prefix"] = RedisServer.NewPrefix(),
                ["Dox:Events:ChannelPrefix"] = prefix,
                ["Dox:MemoryBanks:WriteInterval"] = "00:00:00.02",
                ["Dox:Webhooks:AllowedHosts:0"] = $"127.0.0.1:{_receiver.Port}",
                ["Dox:Services:moody"] = _receiver.Address,
            },
            clock: null, Good, Bad, Asks);
        _redis = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions { EndPoints = { { server.Host, server.Port } }, Password = server.Password });
        (await _redis.GetSubscriber().SubscribeAsync(RedisChannel.Pattern(prefix + "*"))).OnMessage(heard =>
            _heard.Enqueue((heard.Channel.ToString()[prefix.Length..], JsonNode.Parse(heard.Message.ToString())!)));
        var (status, _) = await _host.SendAsync(HttpMethod.Post, "webhooks", new { url = _receiver.Address + "/ok", event_types = Array.Empty<string>() });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created));
        await TriggerAllAsync();

        await using var reader = await _host.FollowAsync("events", "0.0");
        var left = EventType.All.Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        try
        {
            _told = await reader.UntilAsync(e => left.Remove(e.Type) && left.Count == 0);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"Never told: {string.Join(", ", left)}.{Environment.NewLine}{_host.Host.Logs.Troubles}", e);
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _redis.DisposeAsync();
        await _host.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    private static IEnumerable<string> Types() => EventType.All.Select(type => type.Name);

    [TestCaseSource(nameof(Types))]
    public async Task Event_is_raised_and_reaches_each_kind_of_subscriber(string name)
    {
        var type = EventType.All.Single(t => t.Name == name);
        var told = _told.First(e => e.Type == name);
        foreach (var member in type.Data) Assert.That(((JsonObject)told.Data).ContainsKey(member), Is.True, member);

        await _receiver.WhenAsync(all => all.Any(r => r.Type == name));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (type.Channels.Except(ChannelsOf(name), StringComparer.Ordinal).Any()) await look.WaitForNextTickAsync(limit.Token);
        Assert.That(ChannelsOf(name), Is.EquivalentTo(type.Channels));
    }

    [Test]
    public void Data_says_what_happened()
    {
        ToldEvent The(string type) => _told.First(e => e.Type == type);
        Assert.Multiple(() =>
        {
            Assert.That((string)The("memory_bank_updated").Data["file_name"]!, Is.AnyOf("SUPERVISOR.json", "BLOCKING_ISSUES.json").Or.StartsWith("TEAM_").Or.StartsWith("SERVICE_"));
            Assert.That(_told.Where(e => e.Type == "memory_bank_updated").Select(e => (string)e.Data["file_name"]!), Has.None.EqualTo("WORKFLOW_EXECUTION_LOG.json"));
            Assert.That(((string)The("blocking_issue_created").Data["severity"]!, (string)The("blocking_issue_created").Data["service_name"]!), Is.EqualTo(("critical", "dox-core-store")));
            Assert.That((string)The("team_coordination_started").Data["coordination_id"]!, Is.EqualTo((string)The("team_coordination_completed").Data["coordination_id"]!).And.StartsWith("sync_"));
            Assert.That(((string)The("service_health_changed").Data["service_name"]!, (string)The("service_health_changed").Data["health_status"]!), Is.EqualTo(("moody", "unhealthy")));
            Assert.That((string)The("ready_for_deployment").Data["service_name"]!, Is.EqualTo("dox-core-store"));
            Assert.That(The("deployment_blocked").Data["problems"]!.AsArray(), Is.Not.Empty);
        });
    }

    private List<string> ChannelsOf(string type) => [.. _heard.Where(h => (string?)h.Event["event_type"] == type).Select(h => h.Channel).Distinct(StringComparer.Ordinal)];

    /// <summary>Now that all have subscribed, a service falls ill. The one that leads tells it: who doesn't yet, only notes it.</summary>
    private async Task FallIllAsync()
    {
        var lead = _host.Host.Services.GetRequiredService<FeedLead>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (!lead.IsHeld) await look.WaitForNextTickAsync(limit.Token);
        _receiver.IsWell = false;
        await _host.Host.Services.GetRequiredService<ServiceHealth>().CheckAsync(limit.Token);
    }

    private async Task TriggerAllAsync()
    {
        await FallIllAsync();
        await _host.StartRunAsync("good");
        await _host.StartRunAsync("bad");
        var asks = await _host.StartRunAsync("asks");
        await _host.WhenAsync($"workflows/{asks}", run => (string?)run["status"] == "waiting_for_human");
        foreach (var verb in new[] { "pause", "resume" }) Assert.That((int)(await _host.SendAsync(HttpMethod.Post, $"workflows/{asks}/{verb}", new { })).Status, Is.InRange(200, 202), verb);
        await _host.SendAsync(HttpMethod.Delete, $"workflows/{asks}");
        await _host.SendAsync(HttpMethod.Post, "blockers", new { title = "Nothing goes", service = "dox-core-store", severity = "critical", description = "At all." });
        await _host.SendAsync(HttpMethod.Post, "coordination/sync", new { });
        using (var sent = await _host.Host.Client.SendPdfAsync(TestPdf.With("Not for long")))
            Assert.That((await _host.SendAsync(HttpMethod.Delete, $"documents/{(await sent.JsonAsync())["document_id"]}")).Status, Is.EqualTo(HttpStatusCode.OK));
        var banks = Directory.CreateDirectory(Path.Combine(_host.Host.DataFolder, "memory-banks")).FullName;
        await File.WriteAllTextAsync(Path.Combine(banks, "API_CONTRACTS.json"), Contract);
        await _host.StartRunAsync("test_service_integration", JsonNode.Parse("""{"service":"dox-core-store","api":{"endpoints":[{"method":"POST","path":"/api/documents"}]}}""")!.AsObject());
        await _host.StartRunAsync("test_service_integration", JsonNode.Parse("""{"service":"dox-core-store","api":{"endpoints":[{"method":"GET","path":"/elsewhere"}]}}""")!.AsObject());
    }
}
