using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>Two nodes on one PostgreSQL; SQLite allows one.</summary>
public sealed class TwoNodesTests
{
    [Test]
    public async Task Node_that_lost_its_lock_is_taken_over_and_its_late_write_changes_nothing()
    {
        await using var first = await EngineHost.StartAsync(DatabaseProvider.PostgreSql);
        await using var second = await EngineHost.StartAsync(DatabaseProvider.PostgreSql, sharesWith: first);
        var (slow, quick) = (first.Effects.HoldUp("B"), second.Effects.HoldUp("C"));
        var id = await first.StartRunAsync("straight");
        await slow.Reached;

        // Its session ends, as it does with a killed process
        await ((PostgreSqlNode)first.Host.Services.GetRequiredService<INode>()).DisposeAsync();
        await quick.Reached;
        slow.Open();
        var engine = first.Host.Services.GetRequiredService<RunEngine>();
        await EngineHost.UntilAsync(() => !engine.IsBusy);
        quick.Open();

        var row = await second.WhenEndedAsync(id);
        Assert.Multiple(async () =>
        {
            Assert.That(row.Status, Is.EqualTo(RunStatus.Success));
            Assert.That(await second.PathAsync(id), Is.EqualTo(new[] { "A/1:1:Success", "B/1:1:Success", "C/1:1:Success" }));
            Assert.That(JournalEntry.IsChained(await second.JournalAsync(id)), Is.True);
            Assert.That(first.Effects.Keys.Concat(second.Effects.Keys), Is.EqualTo(new[] { $"{id}/A/1", $"{id}/B/1", $"{id}/B/1", $"{id}/C/1" }));
        });
    }

    [Test]
    public async Task Runs_that_nobody_has_are_shared_without_doing_one_twice()
    {
        var effects = new Effects();
        await using var first = await EngineHost.StartAsync(DatabaseProvider.PostgreSql, effects);
        await using var second = await EngineHost.StartAsync(DatabaseProvider.PostgreSql, effects, sharesWith: first);
        var gone = await EngineHost.StartAsync(DatabaseProvider.PostgreSql, effects, sharesWith: first);
        var ids = new List<SharedKernel.Ids.Id<SharedKernel.Ids.Workflow>>();
        for (var i = 0; i < 40; i++) ids.Add(await gone.StartRunAsync("straight", take: false));
        await gone.DisposeAsync();

        foreach (var id in ids) Assert.That((await first.WhenEndedAsync(id)).Status, Is.EqualTo(RunStatus.Success));
        Assert.That(effects.Keys, Is.Unique.And.Count.EqualTo(120));
    }

    [Test]
    public async Task Two_nodes_keep_a_rule_s_limit_together()
    {
        var effects = new Effects();
        await using var first = await EngineHost.StartAsync(DatabaseProvider.PostgreSql, effects);
        await using var second = await EngineHost.StartAsync(DatabaseProvider.PostgreSql, effects, sharesWith: first);
        var most = 0;
        effects.OnEach = running => most = Math.Max(most, running);
        var ids = new List<SharedKernel.Ids.Id<SharedKernel.Ids.Workflow>>();
        for (var i = 0; i < 24; i++) ids.Add(await LimitTests.StartAsync(i % 2 == 0 ? first : second, "two_at_once"));

        foreach (var id in ids) Assert.That((await first.WhenEndedAsync(id)).Status, Is.EqualTo(RunStatus.Success));
        Assert.That(most, Is.InRange(1, 2));
        Assert.That(effects.Keys, Is.Unique.And.Count.EqualTo(48));
    }
}
