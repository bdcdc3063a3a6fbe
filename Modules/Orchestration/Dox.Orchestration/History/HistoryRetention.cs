using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.History;

/// <summary>
/// Takes runs that ended long ago, with their journals and keys: whole partitions on PostgreSQL, and row by row, in steps, what no partition
/// holds. Runs of documents under legal hold stay, and open runs always do.
/// </summary>
internal sealed class HistoryRetention(IServiceScopeFactory scopes, IOptions<RetentionOptions> options, TimeProvider clock, HistoryPartitions? partitions = null)
{
    private const int RunsAtATime = 500;
    private const int KeysAtATime = 2000;

    /// <summary>What ended before this is too old; null: nothing is.</summary>
    public DateTimeOffset? EndedBefore(int? days = null) => (days ?? options.Value.MetadataDays) is { } kept ? clock.GetUtcNow() - TimeSpan.FromDays(kept) : null;

    /// <summary>What <see cref="ApplyAsync"/> would take.</summary>
    public async Task<List<DueHistory>> PlanAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        var due = new List<DueHistory>();
        foreach (var partition in await DuePartitionsAsync(endedBefore, cancellationToken))
        {
            var counts = await partitions!.CountAsync(partition, endedBefore, cancellationToken);
            due.Add(new(partition.Name, partition.Began, partition.Ended, counts.Runs, counts.Entries, counts.Kept));
        }

        var before = await RowsBeforeAsync(endedBefore, cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        var rows = await CountAsync(scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>(), before, endedBefore, cancellationToken);
        if (rows.Runs > 0) due.Insert(0, new(null, null, before, rows.Runs, rows.Entries, rows.Kept));
        return due;
    }

    /// <summary>Takes what is due. What another process is at, it leaves for the next time.</summary>
    public async Task ApplyAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        foreach (var partition in await DuePartitionsAsync(endedBefore, cancellationToken))
        {
            if (!await partitions!.DropAsync(partition, endedBefore, cancellationToken)) return;
        }

        await DeleteRowsAsync(await RowsBeforeAsync(endedBefore, cancellationToken), endedBefore, cancellationToken);
        while (await DeleteKeysAsync(endedBefore, cancellationToken) == KeysAtATime) cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<List<Partition>> DuePartitionsAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken) => partitions is null
        ? []
        : [.. (await partitions.ReadAsync(cancellationToken)).Where(p => p.From is not null).TakeWhile(p => p.Ended <= endedBefore)];

    /// <summary>What began before is taken row by row: on PostgreSQL what was kept of the partitions that are gone.</summary>
    private async Task<DateTimeOffset> RowsBeforeAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        if (partitions is null) return endedBefore;
        var past = (await partitions.ReadAsync(cancellationToken)).Find(p => p.From is null);
        return past is null || past.Ended > endedBefore ? endedBefore : past.Ended;
    }

    private static IQueryable<EndedRun> Due(OrchestrationDbContext db, DateTimeOffset begunBefore, DateTimeOffset endedBefore)
    {
        var first = new Id<Workflow>(IdTime.First(begunBefore));
        return db.EndedRuns.Where(r => r.Id < first && r.EndedAt < endedBefore && !db.Documents.Any(d => d.Id == r.DocumentId && d.HeldSince != null));
    }

    private static async Task<DueCounts> CountAsync(OrchestrationDbContext db, DateTimeOffset begunBefore, DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        var first = new Id<Workflow>(IdTime.First(begunBefore));
        var runs = await Due(db, begunBefore, endedBefore).LongCountAsync(cancellationToken);
        return new(
            runs, await Due(db, begunBefore, endedBefore).SumAsync(r => (long)r.JournalLength, cancellationToken),
            await db.EndedRuns.LongCountAsync(r => r.Id < first, cancellationToken) - runs);
    }

    private async Task DeleteRowsAsync(DateTimeOffset begunBefore, DateTimeOffset endedBefore, CancellationToken cancellationToken)
    {
        var told = false;
        while (true)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
            var ids = await Due(db, begunBefore, endedBefore).OrderBy(r => r.Id).Take(RunsAtATime).Select(r => r.Id).ToListAsync(cancellationToken);
            if (ids.Count == 0) return;
            var counts = told ? null : await CountAsync(db, begunBefore, endedBefore, cancellationToken);
            await using var write = await db.BeginWriteAsync(cancellationToken);
            if (!await db.TryLockHistoryAsync(cancellationToken)) return;
            // One that was reopened meanwhile, or is under hold now, is seen by the number; the next round does without it.
            if (await Due(db, begunBefore, endedBefore).Where(r => ids.Contains(r.Id)).ExecuteDeleteAsync(cancellationToken) != ids.Count) continue;
            await db.Journal.Where(e => ids.Contains(e.WorkflowId)).ExecuteDeleteAsync(cancellationToken);
            // With the first step, and for all of them: a check that comes between knows why runs are gone.
            if (counts is not null) await db.NoteAsync(RetentionRecord.Of(begunBefore, endedBefore, counts), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            told = true;
        }
    }

    private async Task<int> DeleteKeysAsync(DateTimeOffset createdBefore, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var keys = await db.StartKeys.AsNoTracking().Where(k => k.Created < createdBefore && !db.OpenRuns.Any(r => r.Id == k.WorkflowId) && !db.EndedRuns.Any(r => r.Id == k.WorkflowId))
            .OrderBy(k => k.Created).Take(KeysAtATime).ToListAsync(cancellationToken);
        db.StartKeys.RemoveRange(keys);
        await db.SaveChangesAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return keys.Count;
    }
}

/// <summary>A part of history that is too old.</summary>
/// <param name="Partition">Dropped as a whole; null: row by row.</param>
/// <param name="From">Runs that began then or later; null: any.</param>
/// <param name="To">Runs that began before.</param>
/// <param name="Runs">How many go.</param>
/// <param name="Entries">How many lines of their journals.</param>
/// <param name="Kept">How many of that time stay: under legal hold, or ended since.</param>
internal sealed record DueHistory(string? Partition, DateTimeOffset? From, DateTimeOffset To, long Runs, long Entries, long Kept);

/// <summary>Keeps retention and legal hold out of each other's way.</summary>
internal static class HistoryLocks
{
    /// <summary>Whether nobody puts a document under hold until this transaction ends. On SQLite one transaction writes at a time.</summary>
    public static async Task<bool> TryLockHistoryAsync(this OrchestrationDbContext db, CancellationToken cancellationToken) =>
        !db.Database.IsNpgsql() || await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({HistoryPartitions.Lock}) AS \"Value\"").SingleAsync(cancellationToken);

    /// <summary>Waits until retention isn't at work, and keeps it from it until this transaction ends.</summary>
    public static async Task ShareHistoryAsync(this OrchestrationDbContext db, CancellationToken cancellationToken)
    {
        if (db.Database.IsNpgsql()) await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock_shared({HistoryPartitions.Lock})", cancellationToken);
    }
}
