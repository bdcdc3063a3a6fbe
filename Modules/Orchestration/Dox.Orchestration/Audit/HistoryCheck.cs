using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.History;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Dox.Orchestration.Audit;

/// <summary>
/// Tells what retention took, as the audit has it, and finds what is gone beyond that: a run that a document or a key names, or a whole range of
/// time. What the audit itself says is checked by its own chain.
/// </summary>
internal sealed class HistoryCheck(IServiceScopeFactory scopes, NpgsqlDataSource? database = null) : IChainCheck
{
    public string Name => "Orchestration history";

    public async IAsyncEnumerable<ChainFinding> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var taken = DateTimeOffset.UnixEpoch;
        await foreach (var entry in db.Audit.AsNoTracking().Where(e => e.Action == RetentionRecord.Action).OrderBy(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            var details = JsonNode.Parse(entry.Details!)!;
            var before = (DateTimeOffset)details["begun_before"]!;
            if (before > taken) taken = before;
            yield return new ChainFinding("history", 0, null)
            {
                Note = string.Create(CultureInfo.InvariantCulture, $"Runs begun before {before:u}: dropped by retention at {entry.At:u}, {details["runs"]} runs with {details["entries"]} journal entries; {details["kept"]} kept. Audit entry {entry.Sequence}."),
            };
        }

        var first = new Id<Workflow>(IdTime.First(taken));
        var orphans = db.Documents.AsNoTracking().Where(d => d.WorkflowId >= first || d.HeldSince != null).Select(d => d.WorkflowId)
            .Union(db.StartKeys.AsNoTracking().Where(k => k.WorkflowId >= first).Select(k => k.WorkflowId))
            .Where(id => !db.OpenRuns.Any(r => r.Id == id) && !db.EndedRuns.Any(r => r.Id == id));
        await foreach (var run in orphans.AsAsyncEnumerable().WithCancellation(cancellationToken))
            yield return new ChainFinding(run.ToString(), 0, "The run and its journal are gone, and retention didn't take them.");
        if (database is null) yield break;

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var table in new[] { Partition.Runs, Partition.Entries })
        {
            var partitions = await Partition.ReadAsync(connection, table, cancellationToken);
            if (partitions.Count == 0 || partitions[0].From is not null)
                yield return new ChainFinding(table, 0, $"The partition {table}_{Partition.Past} is gone.");
            foreach (var (earlier, later) in partitions.Zip(partitions.Skip(1)).Where(pair => pair.First.To != pair.Second.From))
                yield return new ChainFinding(table, 0, string.Create(CultureInfo.InvariantCulture, $"The partition from {earlier.Ended:u} to {later.Began:u} is gone, and retention didn't drop it."));
        }
    }
}
