using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Triggers;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.Events;

/// <summary>What starts rules besides people: the clock, events, and other rules.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class TriggerTests(DatabaseProvider database)
{
    private static readonly DateTimeOffset Eight = new(2030, 5, 1, 8, 0, 0, TimeSpan.Zero);

    private FakeTimeProvider _clock = null!;
    private EventsHost? _started;

    private EventsHost Host => _started ?? throw new InvalidOperationException("No host was started.");

    [SetUp]
    public void SetClock() => _clock = new(Eight);

    [TearDown]
    public async Task Stop()
    {
        if (_started is not null) await _started.DisposeAsync();
        _started = null;
    }

    [Test]
    public async Task Rule_is_started_once_at_each_of_its_times()
    {
        await StartAsync(Scheduled("hourly", "0 * * * * on the hour"));
        for (var hour = 1; hour <= 3; hour++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            await RunsAsync("hourly", hour);
        }

        var runs = await RunsAsync("hourly", 3);
        Assert.That(runs.Select(r => (string?)r["context"]?["scheduled_for"] ?? Input(r)), Is.EquivalentTo(new[] { "2030-05-01T09:00:00Z", "2030-05-01T10:00:00Z", "2030-05-01T11:00:00Z" }));
    }

    [Test]
    public async Task Two_replicas_start_one_run_for_each_firing()
    {
        if (database != DatabaseProvider.PostgreSql) Assert.Ignore("One process has the files of SQLite.");
        await StartAsync(Scheduled("hourly", "0 * * * *"));
        await using var other = await DoxHostFixture.StartAsync(new DoxHostSetup { Database = database, Clock = _clock, SharesWith = Host.Host, Settings = Host.Settings });
        // Whoever leads, both would start it.
        var starts = new[] { Host.Host, other }.Select(h => h.Services.GetRequiredService<TriggeredStarts>()).ToList();
        var rule = Host.Host.Services.GetRequiredService<Dox.Orchestration.Rules.RuleBook>().Find("hourly")!;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => starts[i % 2].StartAsync(
            rule, Dox.Workflows.Rules.RuleTriggerType.Schedule, "0 * * * *", "cron:hourly:the-same", "system", new JsonObject { ["scheduled_for"] = "then" }, CancellationToken.None)));
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.That(await RunsAsync("hourly", 2), Has.Count.EqualTo(2));
    }

    [TestCase("none", 0)]
    [TestCase("last", 1)]
    [TestCase("all", 5)]
    public async Task Firings_that_came_while_nobody_ran_are_made_up_for_as_the_rule_says(string catchUp, int expected)
    {
        await StartAsync(Scheduled("hourly", "0 * * * *", $"overlap: allow, catch_up: {catchUp}"), Scheduled("marker", "30 13 * * *"));
        await FollowedAsync("hourly");
        await Host.Host.StopAsync();
        _clock.Advance(TimeSpan.FromHours(5.5));
        await Host.Host.StartAgainAsync();

        // The marker fires in the same look.
        await RunsAsync("marker", 1);
        Assert.That(await RunsAsync("hourly", expected), Has.Count.EqualTo(expected));
    }

    [TestCase("skip", 1)]
    [TestCase("queue", 2)]
    [TestCase("allow", 3)]
    public async Task Firing_while_a_run_is_open_does_as_the_rule_says(string overlap, int expected)
    {
        await StartAsync(
            $"name: slow\ntrigger: {{ type: schedule, source: \"0 * * * *\", overlap: {overlap} }}\nsteps:\n  - {{ name: A, action: effect }}\n", Scheduled("marker", "0 * * * *"));
        await FollowedAsync("slow");
        var gate = Host.Effects.HoldUp("A");
        for (var hour = 1; hour <= 3; hour++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            await FollowedAsync("slow", Eight.AddHours(hour));
        }

        gate.Open();
        Assert.That(await RunsAsync("slow", expected), Has.Count.EqualTo(expected));
    }

    [Test]
    public async Task Next_firings_are_shown()
    {
        await StartAsync(Scheduled("daily", "0 9 * * *"));
        var rules = await Host.WhenAsync("rules", _ => true);
        var daily = rules["rules"]!.AsArray().Single(r => (string?)r!["name"] == "daily")!;

        Assert.That(daily["next_firings"]!.AsArray().Select(f => DateTimeOffset.Parse((string)f!, null)), Is.EqualTo(new[] { Eight.AddHours(1), Eight.AddHours(25), Eight.AddHours(49) }));
    }

    [Test]
    public async Task Event_starts_the_rules_that_wait_for_it_once_each()
    {
        await StartAsync(
            "name: teller\nsteps:\n  - { name: Tell, action: publish_event, params: { event: parcel_arrived, data: { number: 12 } } }\n",
            "name: one\ntrigger: { type: event, source: parcel_arrived }\nsteps:\n  - { name: A, action: data_transform, params: { source: \"${number}\", mappings: { seen: \"${source}\" } } }\n",
            "name: either\ntrigger: { type: event, source: something_else OR parcel_arrived }\nsteps:\n  - { name: A, action: effect }\n");
        await Host.StartRunAsync("teller");

        var one = (await RunsAsync("one", 1))[0];
        await RunsAsync("either", 1);
        var run = await Host.WhenAsync($"workflows/{(string)one["workflow_id"]!}", w => (bool)w["completed"]!);
        Assert.That((int)run["context"]!["seen"]!, Is.EqualTo(12));
    }

    [Test]
    public async Task Success_of_a_rule_starts_those_that_follow_it_and_failure_doesnt()
    {
        await StartAsync(
            "name: good\nsteps:\n  - { name: A, action: effect }\n",
            "name: bad\nsteps:\n  - { name: A, action: effect, params: { fail: 9 } }\n",
            "name: after_good\ntrigger: { type: cascade, source: good ends }\nsteps:\n  - { name: A, action: effect }\n",
            "name: after_bad\ntrigger: { type: cascade, source: bad }\nsteps:\n  - { name: A, action: effect }\n",
            "name: after_failure\ntrigger: { type: event, source: workflow_failed }\nsteps:\n  - { name: A, action: effect }\n");
        await Host.StartRunAsync("bad");
        await Host.StartRunAsync("good");

        await RunsAsync("after_good", 1);
        await RunsAsync("after_failure", 1);
        Assert.That(await RunsAsync("after_bad", 0), Is.Empty);
    }

    [Test]
    public async Task Rules_that_start_each_other_in_a_circle_come_to_an_end()
    {
        await StartAsync(
            "name: ping\ntrigger: [{ type: manual, source: x }, { type: cascade, source: pong }]\nsteps:\n  - { name: A, action: effect }\n",
            "name: pong\ntrigger: { type: cascade, source: ping }\nsteps:\n  - { name: A, action: effect }\n");
        await Host.StartRunAsync("ping");
        await EngineHostUntilAsync(() => Host.Host.Logs.Lines.Any(l => l.Message.Contains("which is a circle", StringComparison.Ordinal)));

        Assert.That((await RunsAsync("ping", 11)).Count + (await RunsAsync("pong", 10)).Count, Is.EqualTo(21));
    }

    [Test]
    public async Task Run_that_waits_for_an_event_goes_on_with_the_one_that_is_meant_for_it()
    {
        await StartAsync(
            "name: teller\nsteps:\n  - { name: Tell, action: publish_event, params: { event: paid, data: { order: \"${input.order}\", sum: 5 } } }\n",
            "name: waiter\nsteps:\n  - { name: Pay, action: wait, params: { event: paid, match: { order: \"${input.order}\" } } }\n  - { name: B, action: effect }\n");
        var mine = await Host.StartRunAsync("waiter", new JsonObject { ["order"] = "A" });
        var other = await Host.StartRunAsync("waiter", new JsonObject { ["order"] = "B" });
        foreach (var run in new[] { mine, other }) await Host.WhenAsync($"workflows/{run}", w => (string?)w["status"] == "waiting");
        await Host.StartRunAsync("teller", new JsonObject { ["order"] = "A" });
        var ended = await Host.WhenAsync($"workflows/{mine}", w => (bool)w["completed"]!);

        Assert.That((string?)ended["status"], Is.EqualTo("success"));
        Assert.That((int)ended["step_results"]!["Pay"]!["output"]!["sum"]!, Is.EqualTo(5));
        Assert.That((string?)(await Host.SendAsync(HttpMethod.Get, $"workflows/{other}")).Json!["status"], Is.EqualTo("waiting"));
    }

    private static string Scheduled(string name, string cron, string more = "overlap: allow") =>
        $"name: {name}\ntrigger: {{ type: schedule, source: \"{cron}\", {more} }}\nsteps:\n  - {{ name: A, action: data_transform, params: {{ source: \"${{scheduled_for}}\", mappings: {{ scheduled_for: \"${{source}}\" }} }} }}\n";

    private async Task StartAsync(params string[] rules)
    {
        _started = await EventsHost.StartAsync(database, null, _clock, rules);
        foreach (var rule in rules.Where(r => r.Contains("schedule", StringComparison.Ordinal))) await FollowedAsync(rule.Split('\n')[0].Split(':')[1].Trim());
    }

    private static string? Input(JsonNode run) => (string?)run["input"]?["scheduled_for"];

    /// <summary>The schedule is followed (so far).</summary>
    private Task FollowedAsync(string rule, DateTimeOffset? until = null) => EngineHostUntilAsync(() => Host.Host.InDb<OrchestrationDbContext, bool>(db =>
        db.RuleSchedules.AsNoTracking().AnyAsync(s => s.RuleName == rule && s.Followed >= (until ?? DateTimeOffset.MinValue))).GetAwaiter().GetResult());

    private static async Task EngineHostUntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (!holds()) await look.WaitForNextTickAsync(limit.Token);
    }

    private async Task<IReadOnlyList<JsonNode>> RunsAsync(string rule, int count)
    {
        var list = await Host.WhenAsync($"workflows?rule={rule}&limit=100", l => (int)l["count"]! >= count && l["workflows"]!.AsArray().All(w => (bool)w!["completed"]! || rule == "slow"));
        var runs = new List<JsonNode>();
        foreach (var run in list["workflows"]!.AsArray()) runs.Add((await Host.SendAsync(HttpMethod.Get, $"workflows/{(string)run!["workflow_id"]!}")).Json!);
        return runs;
    }
}
