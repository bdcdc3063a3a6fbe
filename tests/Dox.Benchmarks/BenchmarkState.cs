using Dox.Testing.Servers;
using Npgsql;

namespace Dox.Benchmarks;

/// <summary>Where a benchmark keeps its data: a PostgreSQL of its own that syncs every commit to the disk, or a folder of SQLite files.</summary>
internal sealed class BenchmarkState : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dox-bench-");
    private readonly PostgresServer? _postgres;

    private BenchmarkState(PostgresServer? postgres) => _postgres = postgres;

    public bool IsSqlite => _postgres is null;

    public string Folder => _folder.FullName;

    public static async Task<BenchmarkState> CreateAsync(bool sqlite) =>
        new(sqlite ? null : await PostgresServer.StartPrivateAsync(durable: true, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // As one would set up a server for this load; the limit runs on the same one.
            ["shared_buffers"] = "1GB",
            ["max_wal_size"] = "4GB",
        }));

    public Task<string> CreateDatabaseAsync() => _postgres!.CreateDatabaseAsync();

    /// <summary>Transactions committed on the server's database so far.</summary>
    public static async Task<long> CommitsAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var count = new NpgsqlCommand("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()", connection);
        return (long)(await count.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null) await _postgres.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
