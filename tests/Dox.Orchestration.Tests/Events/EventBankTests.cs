using System.Text.Json.Nodes;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Events;

/// <summary>The memory bank WORKFLOW_EVENTS.json holds the newest events, as subscribers are told of them.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class EventBankTests(DatabaseProvider database)
{
    private const string Straight = "name: straight\nsteps:\n  - { name: A, action: effect }\n  - { name: B, action: update_memory, params: { file: SUPERVISOR.json, update: { seen: \"+1\" } } }\n";
    private const string Many = "name: many\nsteps:\n  - { name: Each, action: for_each, params: { items: \"${ Array(600).fill(1) }\", concurrency: 20, steps: [{ name: A, action: effect }, { name: B, action: effect }] } }\n";

    private EventsHost? _started;

    private EventsHost Host => _started ?? throw new InvalidOperationException("No host was started.");

    [SetUp]
    public async Task Start() => _started = await EventsHost.StartAsync(
        database,
        new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Dox:Events:BankInterval"] = "00:00:00.1", ["Dox:MemoryBanks:WriteInterval"] = "00:00:00.02" },
        clock: null, Straight, Many);

    [TearDown]
    public async Task Stop()
    {
        if (_started is not null) await _started.DisposeAsync();
    }

    [Test]
    public async Task Bank_holds_what_subscribers_are_told_of_in_order_and_once()
    {
        var run = (await Host.StartRunAsync("straight")).ToString();
        await using var reader = await Host.FollowAsync("events", "0.0");
        var told = await reader.UntilAsync(e => e.Type == "memory_bank_updated");
        var bank = await BankAsync(events => events.Any(IsBanks) && events.Count(e => RunOf(e) == run) == 4);

        Assert.Multiple(() =>
        {
            Assert.That(bank.Where(e => RunOf(e) == run).Select(e => (string)e["event_type"]!), Is.EqualTo(new[] { "workflow_started", "step_completed", "step_completed", "workflow_completed" }));
            Assert.That(bank.Select(e => (string)e["event_id"]!), Is.Unique.And.SupersetOf(told.Where(e => e.Type.StartsWith("workflow_", StringComparison.Ordinal)).Select(e => e.EventId)));
            Assert.That(bank.Where(IsBanks).Select(e => (string)e["event_data"]!["file_name"]!), Has.None.EqualTo("WORKFLOW_EVENTS.json"), "it doesn't tell of itself");
            foreach (var e in bank) Assert.That(((JsonObject)e).Select(member => member.Key), Is.EqualTo(new[] { "event_id", "event_type", "event_data", "timestamp", "service" }));
        });
    }

    [Test]
    public async Task Bank_keeps_the_last_thousand()
    {
        var run = (await Host.StartRunAsync("many")).ToString();
        var bank = await BankAsync(events => events.Any(e => RunOf(e) == run && (string?)e["event_type"] == "workflow_completed"));

        Assert.That(bank, Has.Count.EqualTo(1000));
        Assert.That(bank.Select(e => (string)e["event_id"]!), Is.Unique);
    }

    private static bool IsBanks(JsonNode e) => (string?)e["event_type"] == "memory_bank_updated";

    private static string? RunOf(JsonNode e) => (string?)e["event_data"]!["workflow_id"];

    private async Task<IReadOnlyList<JsonNode>> BankAsync(Func<IReadOnlyList<JsonNode>, bool> wanted)
    {
        static IReadOnlyList<JsonNode> EventsOf(JsonNode bank) => [.. bank["events"]!.AsArray().Select(e => e!)];
        return EventsOf(await Host.WhenAsync("memory-banks/WORKFLOW_EVENTS.json", bank => wanted(EventsOf(bank))));
    }
}
