using Microsoft.Extensions.Configuration;

namespace Dox.SharedKernel.Infrastructure.Data;

internal static class DatabaseConfiguration
{
    public const string Section = "Dox:Database";

    /// <summary>Read while services are registered, since the provider decides what is registered.</summary>
    public static DatabaseOptions GetDatabaseOptions(this IConfiguration configuration) =>
        configuration.GetSection(Section).Get<DatabaseOptions>() ?? new DatabaseOptions();
}
