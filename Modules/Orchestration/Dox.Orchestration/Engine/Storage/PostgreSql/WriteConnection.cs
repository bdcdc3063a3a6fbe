using Dox.Orchestration.Data;
using Npgsql;

namespace Dox.Orchestration.Engine.Storage.PostgreSql;

/// <summary>
/// The connection that flushes go over, one at a time. What takes part in a flush goes as one batch: one round trip, one transaction. Each
/// combination of statements is prepared once.
/// </summary>
internal sealed class WriteConnection(NpgsqlDataSource database) : IAsyncDisposable
{
    // Few rows, found by their keys: a plan that was made for whatever the tables held at the first flush would be kept, and making one each
    // time costs more than the flush.
    private const string Settings = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_mergejoin = off; SET jit = off";

    private readonly Dictionary<int, NpgsqlBatch> _prepared = [];
    private NpgsqlConnection? _connection;

    /// <summary>A transaction over several of these; without one, each flush is one by itself.</summary>
    public async Task<NpgsqlTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        _connection ??= await OwnSession.OpenAsync(database, Settings, cancellationToken);
        return await _connection.BeginTransactionAsync(cancellationToken);
    }

    /// <summary>Executes those of the statements that have rows. The reader has a result for each of them that returns any.</summary>
    public async Task<NpgsqlDataReader> ExecuteAsync(IReadOnlyList<IWriteStatement> statements, CancellationToken cancellationToken)
    {
        var combination = 0;
        for (var i = 0; i < statements.Count; i++)
        {
            if (statements[i].Count > 0) combination |= 1 << i;
        }

        _connection ??= await OwnSession.OpenAsync(database, Settings, cancellationToken);
        if (!_prepared.TryGetValue(combination, out var batch))
        {
            batch = new NpgsqlBatch(_connection);
            foreach (var statement in statements)
            {
                if (statement.Count > 0) batch.BatchCommands.Add(statement.NewCommand());
            }

            await batch.PrepareAsync(cancellationToken);
            _prepared[combination] = batch;
        }

        return await batch.ExecuteReaderAsync(cancellationToken);
    }

    public async Task<NpgsqlDataReader> ExecuteAsync(string sql, Guid[] ids, (Guid Run, int Line)[] lines, CancellationToken cancellationToken)
    {
        _connection ??= await OwnSession.OpenAsync(database, Settings, cancellationToken);
#pragma warning disable CA2100 // a constant of the store
        await using var command = new NpgsqlCommand(sql, _connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid[]> { TypedValue = ids }, new NpgsqlParameter<Guid[]> { TypedValue = [.. lines.Select(l => l.Run)] },
                new NpgsqlParameter<int[]> { TypedValue = [.. lines.Select(l => l.Line)] },
            },
        };
#pragma warning restore CA2100
        return await command.ExecuteReaderAsync(cancellationToken);
    }

    /// <summary>Gives the connection up: whatever it is in, the next flush begins with a new one.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var batch in _prepared.Values) await batch.DisposeAsync();
        _prepared.Clear();
        var connection = _connection;
        _connection = null;
        if (connection is not null) await OwnSession.CloseAsync(connection);
    }
}
