using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore.Design;

namespace Dox.TemplateMatching.Data;

internal sealed class DesignTimePostgreSql : IDesignTimeDbContextFactory<TemplateMatchingDbContext>
{
    public TemplateMatchingDbContext CreateDbContext(string[] args) =>
        new(DesignTimeContext.PostgreSql<TemplateMatchingDbContext>(TemplateMatchingDbContext.SchemaName), null);
}

internal sealed class DesignTimeSqlite : IDesignTimeDbContextFactory<SqliteTemplateMatchingDbContext>
{
    public SqliteTemplateMatchingDbContext CreateDbContext(string[] args) => new(DesignTimeContext.Sqlite<SqliteTemplateMatchingDbContext>(), null);
}
