using System.Text;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Errors;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>What the database holds of a bank: its updates in batches, how far the file is, the last version kept.</summary>
internal sealed class BankJournal(TeamCoordinationDbContext db, MemoryBankOptions options, TimeProvider clock)
{
    private const int MostKeys = 50;

    /// <summary>What is known of the bank, without its content; made where it is new.</summary>
    public async Task<BankState> StateAsync(string file, CancellationToken cancellationToken)
    {
        var states = db.Banks.Where(b => b.File == file)
            .Select(b => new BankState(b.Source, b.LastBatch, b.Applied, b.Content != null, b.ContentBatch, b.ContentSaved, b.Swept));
        if (await states.SingleOrDefaultAsync(cancellationToken) is { } known) return known;
        db.Banks.Add(new BankRow { File = file, Source = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N") });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DoxException e) when (e.Code == TeamCoordinationDbContext.WrittenMeanwhile)
        {
            // Another process met the bank first.
        }

        db.ChangeTracker.Clear();
        return await states.SingleAsync(cancellationToken);
    }

    /// <summary>The last version that was kept.</summary>
    public Task<string?> ContentAsync(string file, CancellationToken cancellationToken) =>
        db.Banks.Where(b => b.File == file).Select(b => b.Content).SingleAsync(cancellationToken);

    /// <summary>
    /// Gives what is committed and has no batch yet the next one. The bank's row is locked first, so batches become visible in their
    /// order, each whole: what was read up to a batch is all there is up to it.
    /// </summary>
    /// <param name="file">The bank.</param>
    /// <param name="above">The new batch comes after this one too: a file may know more batches than a database that was restored.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task GatherAsync(string file, long above, CancellationToken cancellationToken)
    {
        if (!await db.BankUpdates.AnyAsync(u => u.File == file && u.Batch == null, cancellationToken)) return;
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var bank = db.Banks.Where(b => b.File == file);
        await bank.ExecuteUpdateAsync(s => s.SetProperty(b => b.LastBatch, b => (b.LastBatch > above ? b.LastBatch : above) + 1), cancellationToken);
        long? batch = await bank.Select(b => b.LastBatch).SingleAsync(cancellationToken);
        var next = db.BankUpdates.Where(u => u.File == file && u.Batch == null).OrderBy(u => u.Sequence).Take(options.BatchSize).Select(u => u.Sequence);
        await db.BankUpdates.Where(u => next.Contains(u.Sequence)).ExecuteUpdateAsync(s => s.SetProperty(u => u.Batch, batch), cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    public Task<List<BankUpdateRow>> AfterAsync(string file, long batch, CancellationToken cancellationToken) =>
        db.BankUpdates.AsNoTracking().Where(u => u.File == file && u.Batch > batch).OrderBy(u => u.Batch).ThenBy(u => u.Sequence).ToListAsync(cancellationToken);

    /// <summary>Notes how far the file is, keeps this version where it is news or the last one is old, and drops updates that nobody can ask for again.</summary>
    public async Task MarkAsync(BankEdit edit, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var before = edit.Before;
        var keep = edit.IsNews || !before.HasContent || before.ContentSaved is not { } saved || saved + options.SaveInterval <= now;
        var (file, applied) = (edit.File, edit.Applied);
        if (!keep && applied <= before.Applied) return;

        await using var write = await db.BeginWriteAsync(cancellationToken);
        var isNewer = await db.Banks.Where(b => b.File == file && b.Applied < applied).ExecuteUpdateAsync(s => s.SetProperty(b => b.Applied, applied), cancellationToken) > 0;
        // An empty gather after a restore may leave the file ahead of the batches.
        await db.Banks.Where(b => b.File == file && b.LastBatch < applied).ExecuteUpdateAsync(s => s.SetProperty(b => b.LastBatch, applied), cancellationToken);
        if (keep) await KeepAsync(file, applied, Encoding.UTF8.GetString(edit.Content), now, cancellationToken);
        // Not of the execution log: every run is in it, and a rule that started by its event would start itself. Nor of events: it would tell of itself
        if (isNewer && file is not (BankName.ExecutionLog or BankName.WorkflowEvents))
        {
            db.Raise(new MemoryBankWritten(file, before.Source, applied, edit.Updates.Count, KeysOf(edit.Updates), now));
            await db.SaveChangesAsync(cancellationToken);
        }

        await write.CommitAsync(cancellationToken);
    }

    private static List<string> KeysOf(IReadOnlyList<BankUpdateRow> updates) =>
    [
        .. updates.Where(u => u.Kind == BankUpdateKind.Merge).SelectMany(u => ((JsonObject)JsonNode.Parse(u.Body)!).Select(member => member.Key)).Distinct(StringComparer.Ordinal).Take(MostKeys),
    ];

    private async Task KeepAsync(string file, long applied, string content, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = await db.Banks.Where(b => b.File == file && b.ContentBatch <= applied).ExecuteUpdateAsync(
            s => s.SetProperty(b => b.Content, content).SetProperty(b => b.ContentBatch, applied).SetProperty(b => b.ContentSaved, now), cancellationToken);
        if (kept == 0) return;

        var young = now - options.KeepApplied;
        var firstYoung = await db.BankUpdates.Where(u => u.File == file && u.Batch != null && u.Occurred > young).MinAsync(u => u.Batch, cancellationToken);
        var sweep = Math.Min(applied, (firstYoung ?? long.MaxValue) - 1);
        if (await db.BankUpdates.Where(u => u.File == file && u.Batch <= sweep).ExecuteDeleteAsync(cancellationToken) > 0)
            await db.Banks.Where(b => b.File == file).ExecuteUpdateAsync(s => s.SetProperty(b => b.Swept, sweep), cancellationToken);
    }
}

/// <summary>What the database knows of a bank, apart from its content.</summary>
internal sealed record BankState(string Source, long LastBatch, long Applied, bool HasContent, long ContentBatch, DateTimeOffset? ContentSaved, long Swept);
