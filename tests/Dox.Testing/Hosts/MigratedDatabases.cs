using System.Collections.Concurrent;
using Dox.Host;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.Testing.Servers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dox.Testing.Hosts;

/// <summary>
/// The product's databases after all their migrations, made once in a test process and copied for each host: migrating takes longer than
/// the rest of a host's start. A host still looks for migrations that are missing.
/// </summary>
internal static class MigratedDatabases
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Databases = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyDictionary<string, byte[]>>>> Files = new(StringComparer.Ordinal);

    /// <summary>The database on the shared server that new ones are copied from; null where none of the modules is the product's.</summary>
    public static async Task<string?> TemplateAsync(PostgresServer server, IEnumerable<IModule> modules)
    {
        var own = Own(modules);
        return own.Count == 0 ? null : await Databases.GetOrAdd(Key(own), _ => new(() => MigrateAsync(server, own))).Value;
    }

    /// <summary>Lays the modules' SQLite files into a folder.</summary>
    public static async Task CopyAsync(string folder, IEnumerable<IModule> modules)
    {
        var own = Own(modules);
        if (own.Count == 0) return;
        foreach (var (name, content) in await Files.GetOrAdd(Key(own), _ => new(() => MigrateAsync(own))).Value)
            await File.WriteAllBytesAsync(Path.Combine(folder, name), content);
    }

    // Those of the tests make their tables themselves.
    private static List<IModule> Own(IEnumerable<IModule> modules)
    {
        var types = Host.Modules.All.Select(m => m.GetType()).ToHashSet();
        return [.. modules.Where(m => types.Contains(m.GetType())).OrderBy(m => m.Name, StringComparer.Ordinal)];
    }

    private static string Key(List<IModule> modules) => string.Join(' ', modules.Select(m => m.Name));

    private static async Task<string> MigrateAsync(PostgresServer server, List<IModule> modules)
    {
        // No pool: a database that somebody is connected to can't be copied.
        var connection = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Pooling = false };
        await MigrateAsync(modules, connection.ConnectionString, _ => Task.FromResult(true));
        return connection.Database!;
    }

    private static Task<IReadOnlyDictionary<string, byte[]>> MigrateAsync(List<IModule> modules) =>
        MigrateAsync<IReadOnlyDictionary<string, byte[]>>(modules, connection: null, async folder =>
        {
            Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
            foreach (var file in folder.GetFiles("*.db")) files[file.Name] = await ReadAsync(file.FullName);
            return files;
        });

    private static async Task<TResult> MigrateAsync<TResult>(List<IModule> modules, string? connection, Func<DirectoryInfo, Task<TResult>> result)
    {
        var folder = Directory.CreateTempSubdirectory("dox-test-");
        try
        {
            await using (var app = DoxApplication.Build(new DoxSetup
            {
                Settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
                {
                    ["SERVICE_ENV"] = "development",
                    ["CLAMAV_ENABLED"] = "false",
                    ["DOX_DATA_PATH"] = folder.FullName,
                    ["Dox:Database:ConnectionString"] = connection,
                },
                Environment = new Dictionary<string, string?>(StringComparer.Ordinal),
                Modules = modules,
                Configure = builder => builder.Logging.ClearProviders(),
            }))
            {
                await app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
            }

            return await result(folder);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The file alone is all of it once its log has been written back.
    private static async Task<byte[]> ReadAsync(string file)
    {
        await using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteNonQueryAsync();
        }

        return await File.ReadAllBytesAsync(file);
    }
}
