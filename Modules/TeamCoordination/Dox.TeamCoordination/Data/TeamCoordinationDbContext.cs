using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.TeamCoordination.Blockers;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Reviews;
using Dox.TeamCoordination.Teams;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Dox.TeamCoordination.Data;

internal class TeamCoordinationDbContext : ModuleDbContext
{
    public const string WrittenMeanwhile = "written_meanwhile";
    public const string SchemaName = "team_coordination";

    public TeamCoordinationDbContext(DbContextOptions<TeamCoordinationDbContext> options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    protected TeamCoordinationDbContext(DbContextOptions options, ModuleDbServices? services)
        : base(options, services)
    {
    }

    public DbSet<ReviewRecord> Reviews => Set<ReviewRecord>();

    public DbSet<BlockerRecord> Blockers => Set<BlockerRecord>();

    public DbSet<TeamNotice> Notices => Set<TeamNotice>();

    public DbSet<BankUpdateRow> BankUpdates => Set<BankUpdateRow>();

    public DbSet<BankRow> Banks => Set<BankRow>();

    protected override string Schema => SchemaName;

    /// <summary>Two who change the same row at once: the second is told so, as a conflict or as a repeat that will find the row.</summary>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            throw DoxException.Conflict("changed_meanwhile", "Somebody else changed it at the same time. Look at it again, then decide.");
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or SqliteException { SqliteErrorCode: 19 })
        {
            throw DoxException.Unavailable(WrittenMeanwhile, "The same was written at the same time. Send it again.", e);
        }
    }
}
