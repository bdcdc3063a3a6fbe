using System.Net;
using System.Net.Http.Json;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>How much goes on at once, and what is said to who sends more than can be served.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class LimitTests(DatabaseProvider database)
{
    [Test]
    public async Task Rule_that_limits_its_runs_has_no_more_at_once_and_all_of_them_end()
    {
        await using var host = await EngineHost.StartAsync(database);
        var gate = host.Effects.HoldUp("A");
        var ids = new List<Id<Workflow>>();
        for (var i = 0; i < 5; i++) ids.Add(await StartAsync(host, "two_at_once"));
        var other = await StartAsync(host, "straight");
        await gate.Reached;

        await EngineHost.UntilAsync(() => RunsAt(host, "A") >= 3);
        Assert.That(ids.Count(id => host.Effects.Keys.Contains($"{id}/A/1", StringComparer.Ordinal)), Is.LessThanOrEqualTo(2));
        Assert.That(host.Effects.Keys, Does.Contain($"{other}/A/1"), "another rule's run isn't held up");

        gate.Open();
        foreach (var id in ids) Assert.That((await host.WhenEndedAsync(id)).Status, Is.EqualTo(RunStatus.Success));
        Assert.That(host.Effects.Keys.Count(k => k.EndsWith("/A/1", StringComparison.Ordinal)), Is.EqualTo(6));
    }

    [Test]
    public async Task While_runs_wait_too_long_new_ones_are_sent_away_with_nothing_accepted()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await EngineHost.StartAsync(
            database, clock: clock, services: services => services.Configure<EngineOptions>(o => (o.Workers, o.MaxQueueLag) = (1, TimeSpan.FromSeconds(20))));
        var gate = host.Effects.HoldUp("A");
        var first = await StartAsync(host, "straight");
        await gate.Reached;
        var second = await StartAsync(host, "straight");
        clock.Advance(TimeSpan.FromSeconds(30));

        using var run = await PostAsync(host, "straight");
        using var document = await host.Host.Client.PostAsync(new Uri("/api/v1/documents?filename=a.pdf", UriKind.Relative), new ByteArrayContent([1]));
        foreach (var answer in new[] { run, document })
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
            Assert.That(answer.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(10)));
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("too_much_waiting"));
        }

        gate.Open();
        foreach (var id in new[] { first, second }) Assert.That((await host.WhenEndedAsync(id)).Status, Is.EqualTo(RunStatus.Success));
        using var again = await PostAsync(host, "straight");
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Created));
    }

    private static int RunsAt(EngineHost host, string step) => host.Effects.Keys.Count(k => k.EndsWith($"/{step}/1", StringComparison.Ordinal));

    private static Task<HttpResponseMessage> PostAsync(EngineHost host, string rule) =>
        host.Host.Client.PostAsJsonAsync(new Uri("/api/v1/workflows", UriKind.Relative), new { rule_name = rule, context = new { } });

    internal static async Task<Id<Workflow>> StartAsync(EngineHost host, string rule)
    {
        using var answer = await PostAsync(host, rule);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonNode>();
        return Id<Workflow>.Parse((string)body!["workflow_id"]!, null);
    }
}
