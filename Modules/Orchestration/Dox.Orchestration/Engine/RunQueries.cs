using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Engine;

/// <summary>Runs by what others ask for, open ones and ended ones alike.</summary>
internal static class RunQueries
{
    /// <summary>The run; null where there is none.</summary>
    public static async Task<RunRow?> FindRunAsync(this OrchestrationDbContext db, Id<Workflow> id, CancellationToken cancellationToken)
    {
        // Ended last: a run that ends between the two reads is then found in the second.
        if (await db.OpenRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is { } open) return open;
        return await db.EndedRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
    }

    /// <exception cref="DoxException">404, also for what another account owns.</exception>
    public static async Task<RunRow> FindVisibleRunAsync(this OrchestrationDbContext db, Id<Workflow> id, Caller caller, CancellationToken cancellationToken) =>
        await db.FindRunAsync(id, cancellationToken) is { } run && (caller.Sees(run.Account) || run.Asks(caller)) ? run : throw DoxException.NotFound("workflow", id.ToString());

    /// <summary>Whether the run waits for a person of the caller's team: then that person sees it, whichever account owns it.</summary>
    public static bool Asks(this RunRow run, Caller caller)
    {
        if (run.Status != RunStatus.WaitingForHuman || !caller.Holds(Role.Reviewer)) return false;
        var state = RunStateJson.Read(run.State);
        return state.Waits.Any(wait => wait.Kind == WaitKind.Human
            && ((string?)wait.Data?["team"] ?? (string?)state.Facts?["team"]) is { } team
            && caller.Teams.Contains(team, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The runs, by id.</summary>
    public static async Task<Dictionary<Id<Workflow>, RunRow>> FindRunsAsync(
        this OrchestrationDbContext db, IReadOnlyCollection<Id<Workflow>> ids, CancellationToken cancellationToken)
    {
        var runs = new Dictionary<Id<Workflow>, RunRow>();
        foreach (var run in await db.OpenRuns.AsNoTracking().Where(r => ids.Contains(r.Id)).ToListAsync(cancellationToken)) runs[run.Id] = run;
        foreach (var run in await db.EndedRuns.AsNoTracking().Where(r => ids.Contains(r.Id)).ToListAsync(cancellationToken)) runs[run.Id] = run;
        return runs;
    }
}
