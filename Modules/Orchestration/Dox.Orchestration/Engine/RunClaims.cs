using Dox.Orchestration.Data;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Ids;
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

    /// <summary>
    /// Runs that this node owns and doesn't have: a claim or a release whose outcome it never learnt, because the database went away. Not
    /// those that were written since <paramref name="before"/>: they may be on their way into its hands.
    /// </summary>
    public async Task<IReadOnlyList<HeldRun>> LostAsync(
        IReadOnlyCollection<Id<Workflow>> held, DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var me = node.Id;
        var runs = await ClaimAsync(
            db => db.OpenRuns.Where(r => r.Owner == me && r.UpdatedAt < before && !held.Contains(r.Id)), recovered: 0, most, cancellationToken);
        if (runs.Count > 0) log.LogWarning("Found {Count} runs of this node again that it had lost hold of", runs.Count);
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
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // A rule that is gone, a state that can't be read: its neighbours go on, and it is looked at again, lest a mended rule be missed.
                log.LogError(e, "The run {Run} can't go on; it is tried again in a minute", row.Id);
                await PutOffAsync(db, row, cancellationToken);
            }
        }

        return held;
    }

    private async Task PutOffAsync(OrchestrationDbContext db, OpenRun row, CancellationToken cancellationToken)
    {
        var later = clock.GetUtcNow() + TimeSpan.FromMinutes(1);
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.OpenRuns.Where(r => r.Id == row.Id && r.Token == row.Token)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.Owner, (string?)null).SetProperty(r => r.WakeAt, later), cancellationToken);
        await write.CommitAsync(cancellationToken);
    }
}
