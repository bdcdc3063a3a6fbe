using System.Diagnostics.Metrics;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules.Actions;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Engine;

/// <summary>
/// Looks once a minute whether what must always hold of runs does hold, by a few small reads. Its counter stays 0; where it doesn't, something
/// is broken that the engine itself hasn't noticed.
/// </summary>
internal sealed class RunInvariants : BackgroundService
{
    private const int Sample = 50;
    private const string CancelName = "orchestration.cancel-child.v1";
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly RunStatus[] MayWaitForOthers = [RunStatus.WaitingForHuman, RunStatus.Waiting, RunStatus.Paused];

    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly ILogger<RunInvariants> _log;
    private readonly Counter<long> _violations;

    public RunInvariants(IServiceScopeFactory scopes, TimeProvider clock, ILogger<RunInvariants> log)
    {
        (_scopes, _clock, _log) = (scopes, clock, log);
        _violations = DoxTelemetry.Meter("Orchestration").CreateCounter<long>("invariant_violations", description: "Runs that aren't as they must be, by what doesn't hold. Stays 0.");
        foreach (var invariant in Enum.GetValues<RunInvariant>()) _violations.Add(0, Label(invariant));
    }

    /// <summary>The runs that break one, of those looked at: all that nobody works on, and the newest open and ended ones.</summary>
    public async Task<IReadOnlyList<(RunInvariant Invariant, Id<Workflow> Run)>> FindAsync(CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>();
        var found = new List<(RunInvariant, Id<Workflow>)>();
        var forgotten = await db.OpenRuns.Where(r => r.Owner == null && r.WakeAt == null && !MayWaitForOthers.Contains(r.Status)).Select(r => r.Id).Order().Take(Sample).ToListAsync(cancellationToken);
        found.AddRange(forgotten.Select(id => (RunInvariant.NoneIsForgotten, id)));

        // In one statement: a run may end between two.
        var both = await db.OpenRuns.OrderByDescending(r => r.Id).Take(Sample).Where(r => db.EndedRuns.Any(e => e.Id == r.Id)).Select(r => r.Id).ToListAsync(cancellationToken);
        found.AddRange(both.Select(id => (RunInvariant.EndedIsEnded, id)));

        var ended = await db.EndedRuns.AsNoTracking().OrderByDescending(r => r.Id).Take(Sample).Select(r => new { r.Id, r.Account, r.Status, r.JournalLength, r.JournalHash }).ToListAsync(cancellationToken);
        foreach (var run in ended)
        {
            var journal = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == run.Id).OrderBy(e => e.Sequence).ToListAsync(cancellationToken);
            // It was reopened meanwhile, and its journal goes on.
            if (journal.Count > run.JournalLength && !await db.EndedRuns.AnyAsync(r => r.Id == run.Id && r.JournalLength == run.JournalLength, cancellationToken)) continue;
            if (!JournalEntry.IsChained(journal)) found.Add((RunInvariant.JournalIsChained, run.Id));
            else if (journal.Count != run.JournalLength || !(journal is [.., var last] ? last.Hash : []).AsSpan().SequenceEqual(run.JournalHash)) found.Add((RunInvariant.RowAndJournalAreOne, run.Id));
            if (run.Status != RunStatus.Cancelled) continue;
            foreach (var child in await LeftBehindAsync(db, run.Id, run.Account, journal, cancellationToken)) found.Add((RunInvariant.ChildrenEndWithTheirParent, child));
        }

        return found;
    }

    /// <summary>Runs that a cancelled one waited for and that go on, though no cancel of theirs is on its way.</summary>
    private static async Task<List<Id<Workflow>>> LeftBehindAsync(
        OrchestrationDbContext db, Id<Workflow> parent, string account, List<JournalEntry> journal, CancellationToken cancellationToken)
    {
        var keys = journal.Where(e => e is { Action: "run_workflow", Status: StepStatus.Waiting }).Select(e => StartChildRun.KeyOf(parent, e.Step, e.Visit)).ToList();
        if (keys.Count == 0) return [];
        var text = parent.ToString();
        // Before the children: one whose cancel came meanwhile has ended, or knows of it.
        if (await db.Outbox.AnyAsync(m => m.Dead == null && m.Name == CancelName && m.Body.Contains(text), cancellationToken)) return [];
        var started = await db.StartKeys.AsNoTracking().Where(k => k.Account == account && keys.Contains(k.Key)).Select(k => k.WorkflowId).ToListAsync(cancellationToken);
        var children = await db.OpenRuns.AsNoTracking().Where(r => started.Contains(r.Id) && r.Intent == null).ToListAsync(cancellationToken);
        return [.. children.Where(child => RunStateJson.Read(child.State) is { EndsCancelled: false } state && ParentStep.Of(state) is { Waits: true }).Select(child => child.Id)];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await LookAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (invariant, run) in await FindAsync(cancellationToken))
            {
                _violations.Add(1, Label(invariant));
                _log.LogError("{Invariant} doesn't hold of the run {Run}", invariant, run);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _log.LogWarning(e, "The runs' invariants can't be looked at now");
        }
    }

    private static KeyValuePair<string, object?> Label(RunInvariant invariant) => new("invariant", System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(invariant.ToString()));
}

/// <summary>What must always hold of runs, as far as it can be seen from outside.</summary>
internal enum RunInvariant
{
    /// <summary>An unfinished run has an owner, a wake-up, or somebody who is asked.</summary>
    NoneIsForgotten,

    /// <summary>No run is both open and ended.</summary>
    EndedIsEnded,

    /// <summary>Each line of a journal covers the one before it.</summary>
    JournalIsChained,

    /// <summary>A run's row and its journal tell of the same last line.</summary>
    RowAndJournalAreOne,

    /// <summary>A run that a cancelled one waited for is cancelled too.</summary>
    ChildrenEndWithTheirParent,
}
