using System.Diagnostics.Metrics;
using System.Globalization;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Npgsql;

namespace Dox.SharedKernel.Infrastructure.Observability;

/// <summary>How the servers behind DOX fare, as far as this process sees them. Those that it has none of are at 0.</summary>
internal sealed class BackendMetrics : IMetricReading
{
    private static readonly string[] States = ["active", "idle", "idle_in_transaction", "other"];

    private readonly NpgsqlDataSource? _database;
    private readonly RedisConnections _redis;
    private volatile IReadOnlyDictionary<string, long> _connections = new Dictionary<string, long>(StringComparer.Ordinal);
    private long _redisBytes;

    /// <param name="redis">The connections of this process.</param>
    /// <param name="database">Null on SQLite.</param>
    public BackendMetrics(RedisConnections redis, NpgsqlDataSource? database = null)
    {
        (_redis, _database) = (redis, database);
        var meter = DoxTelemetry.Meter("Kernel");
        meter.CreateObservableGauge("redis_connected", () => redis.IsConnected == true ? 1 : 0, description: "Whether this process has a connection to Redis.");
        meter.CreateObservableGauge("redis_memory", () => Volatile.Read(ref _redisBytes), "By", "Memory that Redis uses.");
        meter.CreateObservableGauge(
            "db_connections", () => States.Select(s => new Measurement<long>(_connections.GetValueOrDefault(s), new KeyValuePair<string, object?>("state", s))),
            description: "Connections to the database, of all processes, by state.");
    }

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (_database is not null) await ReadConnectionsAsync(_database, cancellationToken);
        if (!string.IsNullOrWhiteSpace(_redis.Options.Host)) await ReadRedisAsync(cancellationToken);
    }

    private async Task ReadConnectionsAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT coalesce(state, 'other'), count(*) FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var connections = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            var state = reader.GetString(0).Replace(' ', '_');
            state = Array.IndexOf(States, state) >= 0 ? state : "other";
            connections[state] = connections.GetValueOrDefault(state) + reader.GetInt64(1);
        }

        _connections = connections;
    }

    private async Task ReadRedisAsync(CancellationToken cancellationToken)
    {
        var memory = (string?)await (await _redis.SharedAsync()).ExecuteAsync("INFO", "memory").WaitAsync(cancellationToken) ?? "";
        var used = memory.Split("\r\n").FirstOrDefault(l => l.StartsWith("used_memory:", StringComparison.Ordinal))?[12..];
        Volatile.Write(ref _redisBytes, long.TryParse(used, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0);
    }
}
