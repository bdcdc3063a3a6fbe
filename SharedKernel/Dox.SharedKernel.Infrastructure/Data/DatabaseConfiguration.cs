using Microsoft.Extensions.Configuration;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>Which database is configured, for those that must know while services are registered.</summary>
public static class DatabaseConfiguration
{
    internal const string Section = "Dox:Database";

    /// <summary>Whether state is on PostgreSQL, and not in SQLite files.</summary>
    public static bool UsesPostgreSql(this IConfiguration configuration) => configuration.GetDatabaseOptions().Provider == DatabaseProvider.PostgreSql;

    /// <summary>Read while services are registered, since the provider decides what is registered.</summary>
    internal static DatabaseOptions GetDatabaseOptions(this IConfiguration configuration) =>
        configuration.GetSection(Section).Get<DatabaseOptions>() ?? new DatabaseOptions();
}
