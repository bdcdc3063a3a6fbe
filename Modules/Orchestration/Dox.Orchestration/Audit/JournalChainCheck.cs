using System.Runtime.CompilerServices;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Audit;

/// <summary>
/// Checks every run's journal against its own hashes and against what the run's row says of its length and its last hash, a few hundred runs at
/// a time. A server may go on writing meanwhile.
/// </summary>
internal sealed class JournalChainCheck(IServiceScopeFactory scopes) : IChainCheck
{
    private const int RunsAtATime = 200;

    public string Name => "Orchestration journal";

    public async IAsyncEnumerable<ChainFinding> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var (runs, entries) = (0L, 0L);
        Id<Workflow>? behind = null;
        while (await PageAsync(db, behind, cancellationToken) is { Count: > 0 } page)
        {
            var ids = page.ConvertAll(run => run.Id);
            var heads = page.ToDictionary(run => run.Id);
            var chains = page.ToDictionary(run => run.Id, _ => new Chain());
            await foreach (var entry in db.Journal.AsNoTracking().Where(e => ids.Contains(e.WorkflowId)).OrderBy(e => e.WorkflowId).ThenBy(e => e.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                // What an open run noted after its row was read, that doesn't tell of.
                var head = heads[entry.WorkflowId];
                if (!head.Ended && entry.Sequence > head.Length && chains[entry.WorkflowId].Length == head.Length) continue;
                chains[entry.WorkflowId].Follow(entry);
                entries++;
            }

            foreach (var run in page.Where(run => chains[run.Id].BreakAgainst(run.Length, run.Hash) is not null))
            {
                var (position, problem) = chains[run.Id].BreakAgainst(run.Length, run.Hash)!.Value;
                yield return new ChainFinding(run.Id.ToString(), position, problem);
            }

            runs += page.Count;
            behind = ids[^1];
        }

        await foreach (var orphan in db.Journal.AsNoTracking().Select(e => e.WorkflowId).Distinct()
            .Where(id => !db.OpenRuns.Any(r => r.Id == id) && !db.EndedRuns.Any(r => r.Id == id)).AsAsyncEnumerable().WithCancellation(cancellationToken))
            yield return new ChainFinding(orphan.ToString(), 1, "The run's row is gone; its journal is there.");
        yield return new ChainFinding("journal", 0, null, runs, entries);
    }

    /// <summary>Open ones first: a run that ends between the two reads is then in the second.</summary>
    private static async Task<List<Head>> PageAsync(OrchestrationDbContext db, Id<Workflow>? behind, CancellationToken cancellationToken)
    {
        var open = await Heads(db.OpenRuns, behind, ended: false).ToListAsync(cancellationToken);
        var ended = await Heads(db.EndedRuns, behind, ended: true).ToListAsync(cancellationToken);
        // A run in both ended meanwhile; what it was is enough.
        return [.. open.Concat(ended).DistinctBy(head => head.Id).OrderBy(head => head.Id).Take(RunsAtATime)];
    }

    private static IQueryable<Head> Heads<TRow>(IQueryable<TRow> runs, Id<Workflow>? behind, bool ended)
        where TRow : RunRow
    {
        if (behind is { } last) runs = runs.Where(r => r.Id > last);
        return runs.AsNoTracking().OrderBy(r => r.Id).Take(RunsAtATime).Select(r => new Head(r.Id, r.JournalLength, r.JournalHash, ended));
    }

    private sealed record Head(Id<Workflow> Id, int Length, byte[] Hash, bool Ended);

    private sealed class Chain
    {
        private byte[] _hash = [];
        private (long Position, string Problem)? _break;

        public int Length { get; private set; }

        public void Follow(JournalEntry entry)
        {
            if (_break is not null) return;
            if (entry.Sequence != Length + 1) _break = (Length + 1, $"Entry {Length + 1} is missing.");
            else if (!entry.Hash.AsSpan().SequenceEqual(entry.ExpectedHash(_hash))) _break = (entry.Sequence, $"Entry {entry.Sequence} isn't as it was written, or doesn't follow the one before it.");
            (Length, _hash) = (entry.Sequence, entry.Hash);
        }

        public (long Position, string Problem)? BreakAgainst(int length, byte[] hash) =>
            _break ?? (Length < length ? (Length + 1, $"It ends after entry {Length}; {length} were written.")
                : Length > length ? (length + 1, $"It goes on after entry {length}, the last one that was written.")
                : !_hash.AsSpan().SequenceEqual(hash) ? (Length, $"Entry {Length} isn't the last one that was written.")
                : null);
    }
}
