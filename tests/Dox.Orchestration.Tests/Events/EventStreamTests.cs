using System.Net;
using System.Text.Json.Nodes;
using Dox.Orchestration.Events;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Testing.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Events;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class EventStreamTests(DatabaseProvider database)
{
    private const string Straight = "name: straight\nsteps:\n  - { name: A, action: effect }\n  - { name: B, action: effect }\n";
    private const string Flaky = "name: flaky\nsteps:\n  - { name: A, action: effect, params: { fail: 1 }, on_failure: retry }\n  - { name: B, action: effect, params: { fail: 9 } }\n";

    private EventsHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await EventsHost.StartAsync(database, Straight, Flaky);

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Run_is_told_from_its_beginning_to_its_end()
    {
        var run = await _host.StartRunAsync("straight");
        await using var reader = await _host.FollowAsync($"workflows/{run}/events");
        var told = await reader.UntilAsync("workflow_completed");

        Assert.That(told.Select(e => e.Type), Is.EqualTo(new[] { "workflow_started", "step_completed", "step_completed", "workflow_completed" }));
        Assert.That(told.Select(e => e.Run), Is.All.EqualTo(run.ToString()));
        Assert.That(told[1].Data["step_name"]!.GetValue<string>(), Is.EqualTo("A"));
        Assert.That(((JsonObject)told[3].Body).Select(m => m.Key), Is.EqualTo(new[] { "event_id", "event_type", "event_data", "timestamp", "service" }));
        Assert.That(told[3].Data["status"]!.GetValue<string>(), Is.EqualTo("success"));
        Assert.That(told[3].Data["duration_ms"]!.GetValue<double>(), Is.GreaterThan(0));
    }

    [Test]
    public async Task Failed_attempts_and_the_failure_are_told_with_their_reasons()
    {
        var run = await _host.StartRunAsync("flaky");
        await using var reader = await _host.FollowAsync($"workflows/{run}/events");
        var told = await reader.UntilAsync("workflow_failed");

        Assert.That(told.Select(e => e.Type), Is.EqualTo(new[] { "workflow_started", "step_failed", "step_completed", "step_failed", "workflow_failed" }));
        Assert.That(told[1].Data["error_message"]!.GetValue<string>(), Is.EqualTo("Not yet."));
    }

    [Test]
    public async Task Reader_that_comes_back_gets_what_it_missed_and_nothing_twice_wherever_it_broke_off([Values] bool ofRun)
    {
        await using var first = await _host.FollowAsync("events");
        var run = await _host.StartRunAsync("straight");
        await using var ofThisRun = await _host.FollowAsync($"workflows/{run}/events");
        var whole = await (ofRun ? ofThisRun : first).UntilAsync("workflow_completed");

        for (var i = 0; i < whole.Count - 1; i++)
        {
            await using var again = await _host.FollowAsync(ofRun ? $"workflows/{run}/events" : "events", whole[i].Id);
            var rest = await again.UntilAsync("workflow_completed");
            Assert.That(rest, Is.EqualTo(whole.Skip(i + 1)).Using<ToldEvent>((a, b) => a.Id == b.Id && a.EventId == b.EventId && a.Type == b.Type), $"after {i}");
        }
    }

    [Test]
    public async Task Everybody_who_follows_everything_sees_the_same_in_the_same_order()
    {
        await using var one = await _host.FollowAsync("events");
        await using var other = await _host.FollowAsync("events");
        var runs = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.StartRunAsync("straight")));

        var seen = new List<List<ToldEvent>>();
        foreach (var reader in new[] { one, other })
        {
            var left = runs.Length;
            seen.Add(await reader.UntilAsync(e => e.Type == "workflow_completed" && --left == 0));
        }

        Assert.That(seen[1].Select(e => e.Id), Is.EqualTo(seen[0].Select(e => e.Id)));
        foreach (var run in runs)
        {
            Assert.That(
                seen[0].Where(e => e.Run == run.ToString()).Select(e => e.Type),
                Is.EqualTo(new[] { "workflow_started", "step_completed", "step_completed", "workflow_completed" }));
        }
    }

    [Test]
    public async Task Reader_may_choose_types()
    {
        await using var reader = await _host.FollowAsync("events?types=workflow_failed,workflow_completed");
        await _host.StartRunAsync("straight");
        var first = await reader.NextAsync();
        await _host.StartRunAsync("flaky");
        var second = await reader.NextAsync();

        Assert.That(new[] { first!.Type, second!.Type }, Is.EqualTo(new[] { "workflow_completed", "workflow_failed" }));
    }

    [TestCase("events", "nonsense")]
    [TestCase("events", "12.-1")]
    [TestCase("workflows/wf_0193c0de000070008000000000000000/events", "12.1", HttpStatusCode.NotFound)]
    public async Task Id_that_is_none_of_ours_is_refused(string path, string id, HttpStatusCode expected = HttpStatusCode.BadRequest)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{path}");
        request.Headers.Add("Last-Event-ID", id);
        using var answer = await _host.Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.That(answer.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Stopping_host_says_so_and_lets_its_readers_go()
    {
        await using var reader = await _host.FollowAsync("events");
        var stopping = _host.Host.StopAsync();
        var last = await reader.NextAsync();
        await stopping;

        Assert.That(last!.Type, Is.EqualTo("stream_closed"));
        Assert.That(last.Body["reason"]!.GetValue<string>(), Is.EqualTo("shutting_down"));
    }

    [Test]
    public async Task Account_is_told_of_its_own_runs_alone()
    {
        await _host.StartRunAsync("straight");
        await _host.Host.WhenQuiet();
        var operatorSees = await SeenByAsync(new Caller("olga", "elsewhere", [Role.Operator], []));
        var owner = await SeenByAsync(new Caller("anna", DoxHostFixture.Admin.Account, [Role.Submitter], []));
        var stranger = await SeenByAsync(new Caller("eve", "elsewhere", [Role.Submitter], []));

        Assert.That((operatorSees, owner, stranger), Is.EqualTo((4, 4, 0)));
    }

    private async Task<int> SeenByAsync(Caller caller)
    {
        var window = _host.Host.Services.GetRequiredService<EventWindow>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (window.Newest < 2) await window.WaitBeyondAsync(window.Newest, TimeSpan.FromSeconds(1), limit.Token);
        var source = await _host.Host.SendAsync(new FollowEvents.Query(null, "0.0"), caller);
        return (await source.NextAsync(limit.Token)).Events.Count;
    }
}
