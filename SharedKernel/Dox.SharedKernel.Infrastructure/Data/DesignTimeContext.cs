using Microsoft.EntityFrameworkCore;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>Options with which <c>dotnet ef</c> and the migration tests make a context that never connects.</summary>
public static class DesignTimeContext
{
    /// <summary>For the PostgreSQL context.</summary>
    public static DbContextOptions<TContext> PostgreSql<TContext>(string schema)
        where TContext : ModuleDbContext =>
        new DbContextOptionsBuilder<TContext>().UseNpgsql("Host=design-time", o => o.MigrationsHistoryTable("__ef_migrations_history", schema)).Options;

    /// <summary>For the SQLite context.</summary>
    public static DbContextOptions<TContext> Sqlite<TContext>()
        where TContext : ModuleDbContext =>
        new DbContextOptionsBuilder<TContext>().UseSqlite("Data Source=design-time.db", o => o.MigrationsHistoryTable("__ef_migrations_history")).Options;
}
