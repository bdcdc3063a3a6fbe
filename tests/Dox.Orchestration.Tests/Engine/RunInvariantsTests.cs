using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Tests.Engine;

/// <summary>What is broken behind the engine's back is found by looking.</summary>
[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class RunInvariantsTests(DatabaseProvider database)
{
    [Test]
    public async Task Broken_runs_are_found_each_by_what_does_not_hold()
    {
        await using var host = await EngineHost.StartAsync(database);
        var invariants = host.Host.Services.GetRequiredService<RunInvariants>();
        var waiting = await host.StartRunAsync("long_wait");
        await host.WhenAsync(waiting, row => row.Status == RunStatus.Waiting);
        var (changed, cut) = (await host.StartRunAsync("straight"), await host.StartRunAsync("straight"));
        foreach (var id in new[] { changed, cut }) await host.WhenEndedAsync(id);
        Assert.That(await invariants.FindAsync(CancellationToken.None), Is.Empty);

        await host.Host.InDb<OrchestrationDbContext>(async db =>
        {
            await db.OpenRuns.Where(r => r.Id == waiting).ExecuteUpdateAsync(s => s.SetProperty(r => r.WakeAt, (DateTimeOffset?)null).SetProperty(r => r.Status, RunStatus.Running));
            await db.Journal.Where(e => e.WorkflowId == changed && e.Sequence == 2).ExecuteUpdateAsync(s => s.SetProperty(e => e.DurationMs, e => e.DurationMs + 1));
            await db.Journal.Where(e => e.WorkflowId == cut && e.Sequence == 3).ExecuteDeleteAsync();
        });

        Assert.That(await invariants.FindAsync(CancellationToken.None), Is.EquivalentTo(new[]
        {
            (RunInvariant.NoneIsForgotten, waiting), (RunInvariant.JournalIsChained, changed), (RunInvariant.RowAndJournalAreOne, cut),
        }));
    }
}
