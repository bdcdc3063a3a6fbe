using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Teams;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Blockers;

/// <summary>Adds blockers to what is saved next, each with its line for <c>BLOCKING_ISSUES.json</c>.</summary>
internal static class BlockerLog
{
    /// <summary>Opens it, unless it was opened before.</summary>
    public static async Task OpenBlockerOnceAsync(
        this TeamCoordinationDbContext db, OpenBlocker met, TeamDirectory teams, Caller by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (db.Blockers.Local.Any(b => b.Id == met.Id) || await db.Blockers.AnyAsync(b => b.Id == met.Id, cancellationToken)) return;
        var blocker = BlockerRecord.Open(met, teams.Resolve(met.Team, met.Service), by.User, now);
        db.Blockers.Add(blocker);
        db.BankUpdates.Add(BankUpdateRow.Of(BankName.BlockingIssues, BankUpdateKind.BlockerOpened, blocker.AsIssue().ToJsonString(), now, by.Depth));
        db.Raise(new BlockerOpened(blocker.Id, blocker.Severity, blocker.Service, blocker.Team, blocker.Title, blocker.Description, blocker.WorkflowId, now));
    }

    public static void ResolveBlocker(this TeamCoordinationDbContext db, BlockerRecord blocker, string note, string user, DateTimeOffset now)
    {
        blocker.Resolve(note, user, now);
        db.BankUpdates.Add(BankUpdateRow.Of(BankName.BlockingIssues, BankUpdateKind.BlockerResolved, blocker.AsIssue().ToJsonString(), now));
    }
}

/// <summary>A blocker as HTTP tells it.</summary>
internal sealed record BlockerView(
    Id<Blocker> BlockerId, BlockerSeverity Severity, string Service, string Team, string Title, string Description, Id<Workflow>? WorkflowId, string OpenedBy,
    DateTimeOffset OpenedAt, double AgeSeconds, string Status, string? ResolvedBy, DateTimeOffset? ResolvedAt, string? Note)
{
    public static BlockerView Of(BlockerRecord blocker, DateTimeOffset now) => new(
        blocker.Id, blocker.Severity, blocker.Service, blocker.Team, blocker.Title, blocker.Description, blocker.WorkflowId, blocker.OpenedBy, blocker.Opened,
        Math.Max(0, ((blocker.Resolved ?? now) - blocker.Opened).TotalSeconds), blocker.Resolved is null ? "open" : "resolved", blocker.ResolvedBy, blocker.Resolved, blocker.Note);
}
