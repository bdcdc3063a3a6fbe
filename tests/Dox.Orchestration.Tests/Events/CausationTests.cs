using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Tests.Events;

/// <summary>
/// Rules that start themselves over another module, a child or a run that nobody keeps: each run lies one deeper than what led to it, and the one
/// that would lie too deep is refused.
/// </summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class CausationTests(DatabaseProvider database)
{
    private const int Most = 4;
    private const string Refusal = "which is a circle";

    private EventsHost? _started;

    private EventsHost Host => _started ?? throw new InvalidOperationException("No host was started.");

    [TearDown]
    public async Task Stop()
    {
        if (_started is not null) await _started.DisposeAsync();
        _started = null;
    }

    [TestCase("action: update_memory, params: { file: SUPERVISOR.json, update: { seen: \"+1\" } }", TestName = "Rule_whose_step_updates_the_bank_that_starts_it_comes_to_an_end")]
    [TestCase("action: effect", "memory_bank_updates: [{ file: SUPERVISOR.json, update: { seen: \"+1\" } }]\n", TestName = "Rule_whose_end_updates_the_bank_that_starts_it_comes_to_an_end")]
    public async Task Rule_that_updates_the_bank_whose_updates_start_it_comes_to_an_end(string step, string more = "")
    {
        await StartAsync($"name: looker\ntrigger: [{{ type: manual, source: x }}, {{ type: event, source: memory_bank_updated }}]\n{more}steps:\n  - {{ name: A, {step} }}\n");
        await Host.StartRunAsync("looker");
        await RefusedAsync("looker");

        Assert.That(await DepthsAsync("looker"), Is.EqualTo(Enumerable.Range(0, Most + 1)));
    }

    [Test]
    public async Task Rule_that_opens_the_blockers_that_start_it_comes_to_an_end()
    {
        await StartAsync("name: giver\ntrigger: [{ type: manual, source: x }, { type: event, source: blocking_issue_created }]\nsteps:\n  - { name: A, action: effect, params: { fail: 9 }, on_failure: escalate }\n");
        await Host.StartRunAsync("giver");
        await RefusedAsync("giver");

        Assert.That(await DepthsAsync("giver"), Is.EqualTo(Enumerable.Range(0, Most + 1)));
    }

    [Test]
    public async Task Synchronisation_that_starts_itself_comes_to_an_end()
    {
        await StartAsync("name: again\ntrigger: [{ type: manual, source: x }, { type: event, source: team_coordination_completed }]\nsteps:\n  - { name: A, action: run_workflow, params: { rule: sync_team_coordination } }\n");
        await Host.StartRunAsync("again");
        await RefusedAsync("sync_team_coordination", parent: "again");

        // The child lies one deeper than its parent, and what it tells starts the next one below it
        Assert.That(await DepthsAsync("again"), Is.EqualTo(new[] { 0, 2, 4 }));
    }

    [Test]
    public async Task Rule_whose_child_starts_it_comes_to_an_end()
    {
        await StartAsync(
            "name: mother\ntrigger: [{ type: manual, source: x }, { type: event, source: cried }]\nsteps:\n  - { name: A, action: run_workflow, params: { rule: daughter, wait: false } }\n",
            "name: daughter\nsteps:\n  - { name: Cry, action: publish_event, params: { event: cried } }\n");
        await Host.StartRunAsync("mother");
        await RefusedAsync("daughter", parent: "mother");

        Assert.That(await DepthsAsync("mother"), Is.EqualTo(new[] { 0, 2, 4 }));
    }

    [Test]
    public async Task Rule_that_is_its_own_child_fails_and_says_why()
    {
        await StartAsync("name: doll\nsteps:\n  - { name: Inner, action: run_workflow, params: { rule: doll } }\n");
        var run = await Host.StartRunAsync("doll");

        var ended = await Host.WhenAsync($"workflows/{run}", w => (bool)w["completed"]!);
        Assert.That((string)ended["status"]!, Is.EqualTo("failed"));
        Assert.That((string)ended["error"]!.ToJsonString(), Does.Contain(Refusal));
        Assert.That(await DepthsAsync("doll"), Is.EqualTo(Enumerable.Range(0, Most + 1)));
    }

    [Test]
    public async Task Embedded_rule_that_its_own_event_starts_comes_to_an_end()
    {
        await StartAsync(
            "name: caller\nsteps:\n  - { name: Call, action: publish_event, params: { event: called } }\n",
            "name: echo\nmode: embedded\ntrigger: { type: event, source: called }\nsteps:\n  - { name: Call, action: publish_event, params: { event: called } }\n");
        await Host.StartRunAsync("caller");

        await RefusedAsync("echo");
    }

    private async Task StartAsync(params string[] rules) => _started = await EventsHost.StartAsync(
        database,
        new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Dox:Engine:MaxCausationDepth"] = Most.ToString(CultureInfo.InvariantCulture),
            ["Dox:MemoryBanks:WriteInterval"] = "00:00:00.02",
        },
        clock: null, rules);

    /// <summary>A start of the rule was refused: the log says so of a trigger, and the run whose step it was of a child.</summary>
    private async Task RefusedAsync(string rule, string? parent = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!(parent is null ? IsLogged(rule) : await HasFailedAsync(parent)))
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"Nothing was refused.{Environment.NewLine}{Host.Host.Logs.Troubles}");
            await look.WaitForNextTickAsync();
        }

        await Host.Host.WhenQuiet();
    }

    private bool IsLogged(string rule) => Host.Host.Logs.Lines.Any(l => l.Message.Contains($"{rule} isn't started", StringComparison.Ordinal) && l.Message.Contains(Refusal, StringComparison.Ordinal));

    private async Task<bool> HasFailedAsync(string parent)
    {
        foreach (var run in await RunsAsync(parent))
        {
            if ((await Host.SendAsync(HttpMethod.Get, $"workflows/{run["workflow_id"]}")).Json!.ToJsonString().Contains(Refusal, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    private async Task<IReadOnlyList<JsonNode>> RunsAsync(string rule) =>
        [.. (await Host.SendAsync(HttpMethod.Get, $"workflows?rule={rule}&limit=200")).Json!["workflows"]!.AsArray().Select(run => run!)];

    private async Task<IReadOnlyList<int>> DepthsAsync(string rule)
    {
        var depths = new List<int>();
        foreach (var run in await RunsAsync(rule))
        {
            var id = Id<Workflow>.Parse((string)run["workflow_id"]!, null);
            depths.Add(await Host.Host.InDb<OrchestrationDbContext, int>(async db =>
                Causation.DepthOf(RunStateJson.Read((await db.FindRunAsync(id, CancellationToken.None))!.State))));
        }

        return [.. depths.Order()];
    }
}
