using Microsoft.Data.Sqlite;

namespace Dox.Benchmarks.Engine;

internal sealed class SqliteFloor : IFloorDatabase
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _start;
    private readonly SqliteCommand _step;
    private readonly SqliteCommand _history;

    private SqliteFloor(SqliteConnection connection)
    {
        _connection = connection;
        _start = Prepare("INSERT INTO floor_runs (id, step, state) VALUES ($run, $step, $state)");
        _step = Prepare("UPDATE floor_runs SET step = $step, state = $state WHERE id = $run");
        _history = Prepare("INSERT INTO floor_history (run, step, at, output) VALUES ($run, $step, unixepoch(), $state)");
    }

    public static SqliteFloor Open(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using (var tables = connection.CreateCommand())
        {
            tables.CommandText =
                """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                CREATE TABLE floor_runs (id TEXT PRIMARY KEY, step INTEGER NOT NULL, state TEXT NOT NULL);
                CREATE TABLE floor_history (run TEXT, step INTEGER, at INTEGER NOT NULL, output TEXT NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
                """;
            tables.ExecuteNonQuery();
        }

        return new SqliteFloor(connection);
    }

    public Task WriteAsync(IReadOnlyList<FloorWrite> batch)
    {
        using var transaction = _connection.BeginTransaction();
        foreach (var write in batch)
        {
            Execute(write.Step == 0 ? _start : _step, write, transaction);
            Execute(_history, write, transaction);
        }

        transaction.Commit();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in new[] { _start, _step, _history }) await command.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static void Execute(SqliteCommand command, FloorWrite write, SqliteTransaction transaction)
    {
        command.Transaction = transaction;
        command.Parameters["$run"].Value = write.Run;
        command.Parameters["$step"].Value = write.Step;
        command.Parameters["$state"].Value = write.State;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // the constants above
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var name in new[] { "$run", "$step", "$state" }) command.Parameters.Add(new SqliteParameter(name, null));
        return command;
    }
}
