using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore.Design;

namespace Dox.TeamCoordination.Data;

internal sealed class PostgreSqlDesignTimeFactory : IDesignTimeDbContextFactory<TeamCoordinationDbContext>
{
    public TeamCoordinationDbContext CreateDbContext(string[] args) =>
        new(DesignTimeContext.PostgreSql<TeamCoordinationDbContext>(TeamCoordinationDbContext.SchemaName), null);
}

internal sealed class SqliteDesignTimeFactory : IDesignTimeDbContextFactory<SqliteTeamCoordinationDbContext>
{
    public SqliteTeamCoordinationDbContext CreateDbContext(string[] args) => new(DesignTimeContext.Sqlite<SqliteTeamCoordinationDbContext>(), null);
}
