using Dox.Orchestration.Data;
using Dox.Orchestration.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Engine;

/// <summary>Takes the runs that nobody works on: those that are due, and those of dead nodes. Each change of owner makes a new token.</summary>
internal sealed class RunClaims(IServiceScopeFactory scopes, RuleBook rules, INode node, TimeProvider clock, ILogger<RunClaims> log)
{
    /// <summary>Runs whose time has come, at most <paramref name="most"/>, high priority first.</summary>
    public Task<IReadOnlyList<HeldRun>> DueAsync(int most, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return ClaimAsync(db => db.OpenRuns.Where(r => r.Owner == null && r.WakeAt != null && r.WakeAt <= now), recovered: 0, most, cancellationToken);
    }

    /// <summary>Runs that a dead node had, at most <paramref name="most"/>.</summary>
    public async Task<IReadOnlyList<HeldRun>> AbandonedAsync(int most, CancellationToken cancellationToken)
    {
        var owners = await OwnersAsync(cancellationToken);
        if (owners.Count == 0) return [];
        var dead = await node.DeadAmongAsync(owners, cancellationToken);
        if (dead.Count == 0) return [];
        var runs = await ClaimAsync(db => db.OpenRuns.Where(r => dead.Contains(r.Owner!)), recovered: 1, most, cancellationToken);
        if (runs.Count > 0) log.LogWarning("Took over {Count} runs of dead nodes", runs.Count);
        return runs;
    }

    private async Task<List<string>> OwnersAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var me = node.Id;
        return await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().OpenRuns
            .Where(r => r.Owner != null && r.Owner != me).Select(r => r.Owner!).Distinct().ToListAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<HeldRun>> ClaimAsync(
        Func<OrchestrationDbContext, IQueryable<OpenRun>> free, int recovered, int most, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var ids = await free(db).OrderBy(r => r.Priority).ThenBy(r => r.WakeAt).Take(most).Select(r => r.Id).ToListAsync(cancellationToken);
        if (ids.Count == 0) return [];

        var me = node.Id;
        await using (var write = await db.BeginWriteAsync(cancellationToken))
        {
            // The condition again: another node may have been first, and its row then no longer matches.
            await free(db).Where(r => ids.Contains(r.Id)).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.Owner, me).SetProperty(r => r.Token, r => r.Token + 1).SetProperty(r => r.WakeAt, (DateTimeOffset?)null)
                    .SetProperty(r => r.Recoveries, r => r.Recoveries + recovered),
                cancellationToken);
            await write.CommitAsync(cancellationToken);
        }

        var rows = await db.OpenRuns.AsNoTracking().Where(r => ids.Contains(r.Id) && r.Owner == me).ToListAsync(cancellationToken);
        var held = new List<HeldRun>(rows.Count);
        foreach (var row in rows)
        {
            try
            {
                held.Add(HeldRun.Of(row, await rules.PinnedAsync(row.RuleHash, cancellationToken)));
            }
            catch (InvalidOperationException e)
            {
                // It stays this node's, and is looked at again by the next one: a rule that came back heals it.
                log.LogError(e, "The run {Run} can't go on", row.Id);
            }
        }

        return held;
    }
}
