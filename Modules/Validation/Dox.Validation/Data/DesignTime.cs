using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore.Design;

namespace Dox.Validation.Data;

internal sealed class DesignTimePostgreSql : IDesignTimeDbContextFactory<ValidationDbContext>
{
    public ValidationDbContext CreateDbContext(string[] args) => new(DesignTimeContext.PostgreSql<ValidationDbContext>(ValidationDbContext.SchemaName), null);
}

internal sealed class DesignTimeSqlite : IDesignTimeDbContextFactory<SqliteValidationDbContext>
{
    public SqliteValidationDbContext CreateDbContext(string[] args) => new(DesignTimeContext.Sqlite<SqliteValidationDbContext>(), null);
}
