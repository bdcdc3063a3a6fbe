using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Blockers;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>
/// Writes banks: under the lock it reads the file, applies the batches that the file doesn't have yet, and puts the new content in its
/// place, with the newest batch's number inside. So file and number change at once, and no crash can part them.
/// </summary>
internal sealed class BankWriter(
    IServiceScopeFactory scopes, BankFolder folder, TeamDirectory teams, IOptions<MemoryBankOptions> options, TimeProvider clock, ILogger<BankWriter> log)
{
    private readonly MemoryBankOptions _options = options.Value;
    private readonly string _agent = $"dox-{Environment.MachineName}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <summary>Whether the bank's file isn't the one that this writer left or met last.</summary>
    public bool WasChanged(string file) => !_seen.TryGetValue(file, out var seen) || seen.Stamp != folder.StampOf(file);

    /// <summary>Brings the bank's file up to date; false where somebody else has the bank, and it must be tried again.</summary>
    public async Task<bool> WriteAsync(string file, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        using var edit = await PrepareAsync(file, scope, cancellationToken);
        if (edit is null || !edit.Replace()) return false;
        await MarkAsync(edit, scope, cancellationToken);
        return true;
    }

    /// <summary>The first half of a write: nothing that others see has happened after it. Null where somebody else has the bank.</summary>
    internal async Task<BankEdit?> PrepareAsync(string file, AsyncServiceScope scope, CancellationToken cancellationToken)
    {
        var held = BankLock.TryTake(folder.PathOf(file), _agent, _options.LockLease, clock);
        if (held is null) return null;
        try
        {
            return await EditAsync(file, held, scope, cancellationToken);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The last step of a write: the database learns of it.</summary>
    internal async Task MarkAsync(BankEdit edit, AsyncServiceScope scope, CancellationToken cancellationToken)
    {
        // What is told of the write goes as deep as the deepest of the runs that led to it: a rule that it starts may be one of them
        scope.ServiceProvider.GetRequiredService<CallContext>().Caller = Caller.System with { Depth = edit.Updates.Select(update => update.Depth).DefaultIfEmpty().Max() };
        await JournalOf(scope).MarkAsync(edit, cancellationToken);
        _seen[edit.File] = new(SHA256.HashData(edit.Content), folder.StampOf(edit.File));
    }

    private BankJournal JournalOf(AsyncServiceScope scope) =>
        new(scope.ServiceProvider.GetRequiredService<TeamCoordinationDbContext>(), _options, clock);

    private async Task<BankEdit> EditAsync(string file, BankLock held, AsyncServiceScope scope, CancellationToken cancellationToken)
    {
        var journal = JournalOf(scope);
        // Only now: whoever had the lock before may have written, and kept a version, until a moment ago.
        var before = await journal.StateAsync(file, cancellationToken);
        var found = await ReadAsync(file, scope, cancellationToken);
        var document = found?.Document ?? await RebuildAsync(file, journal, cancellationToken);
        // A file without our place in it was written by somebody who dropped what they don't know: they had read what we wrote last.
        var applied = found is null ? before.ContentBatch : found.Document.AppliedOf(before.Source) ?? before.Applied;
        if (applied < before.Swept)
        {
            log.LogWarning("{Bank} was put back to how it was at batch {Batch}; the updates up to batch {Swept} are not kept any more and stay out of it", file, applied, before.Swept);
            applied = before.Swept;
        }

        await journal.GatherAsync(file, applied, cancellationToken);
        var rows = await journal.AfterAsync(file, applied, cancellationToken);
        var through = rows.Count > 0 ? rows[^1].Batch!.Value : applied;
        var isNews = found is null || !_seen.TryGetValue(file, out var ours) || !SHA256.HashData(found.Content).AsSpan().SequenceEqual(ours.Hash);
        if (found is { IsInPlace: true } && found.Document.AppliedOf(before.Source) == through)
        {
            isNews = isNews && await journal.ContentAsync(file, cancellationToken) != Encoding.UTF8.GetString(found.Content);
            return new(file, folder, held) { Before = before, Applied = through, Content = found.Content, Beside = null, IsNews = isNews };
        }

        Apply(file, document.Root, rows);
        document.SetApplied(before.Source, through, clock.GetUtcNow());
        var content = document.ToBytes();
        return new(file, folder, held) { Before = before, Applied = through, Content = content, Beside = folder.WriteBeside(file, _agent, content), Updates = rows, IsNews = isNews };
    }

    private async Task<Found?> ReadAsync(string file, AsyncServiceScope scope, CancellationToken cancellationToken)
    {
        if (folder.Locate(file) is not { } path) return null;
        var content = await File.ReadAllBytesAsync(path, cancellationToken);
        if (BankDocument.TryParse(content, out var problem) is { } document) return new(content, document, path == folder.PathOf(file));

        // First the blocker, then out of the way: a crash between the two finds the file broken still, and the blocker there already.
        var now = clock.GetUtcNow();
        await ReportAsync(file, content, problem!, scope, now, cancellationToken);
        BankFolder.SetAside(path, now);
        log.LogError("{Bank} is broken: {Problem}. It was set aside and is rebuilt from the last version that DOX kept", file, problem);
        return null;
    }

    private async Task ReportAsync(string file, byte[] content, string problem, AsyncServiceScope scope, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var db = scope.ServiceProvider.GetRequiredService<TeamCoordinationDbContext>();
        var seed = Encoding.UTF8.GetBytes($"broken-bank {file} {folder.StampOf(file)}");
        var id = new Id<Blocker>(new Guid(SHA256.HashData([.. seed, .. content]).AsSpan(0, 16)));
        await db.OpenBlockerOnceAsync(
            new OpenBlocker(
                id, BlockerSeverity.High, "dox-workflow-orchestrator", null, $"The memory bank {file} was broken",
                $"{file} can't be read: {problem}. It was set aside beside it, with the time in its name, and rebuilt from the last version that DOX kept and the updates since. "
                + "What others wrote in between is in the file that was set aside."),
            teams, Caller.System, now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    private static async Task<BankDocument> RebuildAsync(string file, BankJournal journal, CancellationToken cancellationToken) =>
        await journal.ContentAsync(file, cancellationToken) is { } content
            ? BankDocument.TryParse(Encoding.UTF8.GetBytes(content), out _) ?? throw new InvalidOperationException($"The version of {file} that was kept can't be read.")
            : BankDocument.Empty();

    private void Apply(string file, JsonObject root, List<BankUpdateRow> rows)
    {
        var executions = file == BankName.ExecutionLog ? new ExecutionLog(root) : null;
        var list = file == BankName.BlockingIssues ? BlockingIssues.Open : file == BankName.WorkflowEvents ? "events" : "entries";
        foreach (var row in rows)
        {
            var body = (JsonObject)JsonNode.Parse(row.Body)!;
            if (row.Kind == BankUpdateKind.Executions) executions!.AppendAll(body);
            else if (row.Kind == BankUpdateKind.BlockerOpened) BlockingIssues.Opened(root, body);
            else if (row.Kind == BankUpdateKind.BlockerResolved) BlockingIssues.Closed(root, body);
            else BankMerge.Apply(root, body, list);
        }

        if (executions is null || rows.Count == 0) return;
        // Before the log itself: should the log's own write not come about, the same files are made again, over these.
        foreach (var (name, content) in executions.Rotate(_options.KeepExecutions)) folder.Replace(name, folder.WriteBeside(name, _agent, BankDocument.Write(content)));
        executions.Finish();
    }

    private sealed record Seen(byte[] Hash, BankStamp? Stamp);

    private sealed record Found(byte[] Content, BankDocument Document, bool IsInPlace);
}
