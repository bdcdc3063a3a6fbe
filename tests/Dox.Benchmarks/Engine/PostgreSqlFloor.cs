using Npgsql;

namespace Dox.Benchmarks.Engine;

internal sealed class PostgreSqlFloor : IFloorDatabase
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _write;

    private PostgreSqlFloor(NpgsqlDataSource source, NpgsqlConnection connection)
    {
        (_source, _connection) = (source, connection);
        _write = new NpgsqlCommand(
            """
            WITH w AS (SELECT * FROM unnest($1, $2, $3) AS w(run, step, state)),
                 i AS (INSERT INTO floor_runs (id, step, state) SELECT run, step, state FROM w WHERE step = 0),
                 u AS (UPDATE floor_runs r SET step = w.step, state = w.state FROM w WHERE r.id = w.run AND w.step > 0)
            INSERT INTO floor_history (run, step, at, output) SELECT run, step, now(), state FROM w
            """,
            connection)
        {
            Parameters = { new NpgsqlParameter<Guid[]>(), new NpgsqlParameter<int[]>(), new NpgsqlParameter<string[]>() },
        };
    }

    public static async Task<PostgreSqlFloor> OpenAsync(string connectionString)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        var connection = await source.OpenConnectionAsync();
        await using (var tables = new NpgsqlCommand(
            """
            CREATE TABLE floor_runs (id uuid PRIMARY KEY, step int NOT NULL, state text NOT NULL);
            CREATE TABLE floor_history (run uuid, step int, at timestamptz NOT NULL, output text NOT NULL, PRIMARY KEY (run, step));
            """,
            connection)) await tables.ExecuteNonQueryAsync();
        var floor = new PostgreSqlFloor(source, connection);
        floor.Fill([]);
        await floor._write.PrepareAsync();
        return floor;
    }

    public async Task WriteAsync(IReadOnlyList<FloorWrite> batch)
    {
        Fill(batch);
        await _write.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _write.DisposeAsync();
        await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }

    private void Fill(IReadOnlyList<FloorWrite> batch)
    {
        ((NpgsqlParameter<Guid[]>)_write.Parameters[0]).TypedValue = [.. batch.Select(w => w.Run)];
        ((NpgsqlParameter<int[]>)_write.Parameters[1]).TypedValue = [.. batch.Select(w => w.Step)];
        ((NpgsqlParameter<string[]>)_write.Parameters[2]).TypedValue = [.. batch.Select(w => w.State)];
    }
}
