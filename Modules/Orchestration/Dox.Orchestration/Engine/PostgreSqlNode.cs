using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Dox.Orchestration.Data;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Dox.Orchestration.Engine;

/// <summary>
/// One of many processes on a PostgreSQL database. It lives while it holds a session advisory lock, on a connection of its own that runs no
/// other statement: a killed process loses it at once, a lost host within seconds.
/// </summary>
internal sealed class PostgreSqlNode(NpgsqlDataSource database, TimeProvider clock, ILogger<PostgreSqlNode> log) : INode, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private NpgsqlConnection? _connection;
    private Task _watch = Task.CompletedTask;

    public string Id { get; } = $"pg-{Guid.CreateVersion7(clock.GetUtcNow()):N}";

    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        await LockAsync(cancellationToken);
        _watch = WatchAsync(_stop.Token);
    }

    public async Task<IReadOnlyList<string>> DeadAmongAsync(IReadOnlyList<string> nodes, CancellationToken cancellationToken)
    {
        var others = nodes.Where(n => n != Id).ToList();
        if (others.Count == 0) return [];
        await using var command = database.CreateCommand(
            "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted "
            + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var alive = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken)) alive.Add(reader.GetInt64(0));
        return [.. others.Where(n => !alive.Contains(KeyOf(n)))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_connection is not null) await OwnSession.CloseAsync(_connection);
        _stop.Dispose();
    }

    private async Task LockAsync(CancellationToken cancellationToken)
    {
        // A pooler in transaction mode would hand the session to others; the lock would then say nothing of this process.
        var connection = await OwnSession.OpenAsync(database, OwnSession.NoticesLoss, cancellationToken);
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { Parameters = { new() { Value = KeyOf(Id) } } })
            await take.ExecuteNonQueryAsync(cancellationToken);
        _connection = connection;
    }

    // Waiting for a notification that never comes notices a broken connection at once. Until the lock is taken again the others may take this
    // node's runs: its writes then carry old tokens and change nothing.
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await _connection!.WaitAsync(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogWarning(e, "The connection that says that this node lives broke; taking the lock again");
                await RetakeAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task RetakeAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_connection is not null) await OwnSession.CloseAsync(_connection);
                await LockAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogWarning(e, "PostgreSQL is away; this node isn't seen as alive");
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static long KeyOf(string node)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(node), hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}
