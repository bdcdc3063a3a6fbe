using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Dox.Orchestration.Engine.Storage.Sqlite;

/// <summary>
/// A prepared statement whose parameters are bound in their order, without names, boxes or copies: a flush binds some forty values for each
/// step, and looking each up by name costs more than SQLite's own work.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int _bound;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    public SqliteStatement Add(Guid id)
    {
        // As EF Core writes it: upper case.
        Span<byte> text = stackalloc byte[36];
        id.TryFormat(text, out _, "D");
        Ascii.ToUpperInPlace(text, out _);
        return Bound(raw.sqlite3_bind_text(_statement, ++_bound, text));
    }

    public SqliteStatement Add(Guid? id) => id is { } value ? Add(value) : AddNull();

    public SqliteStatement Add(string? text) => text is null ? AddNull() : Bound(raw.sqlite3_bind_text(_statement, ++_bound, text));

    /// <summary>A text in UTF-8.</summary>
    public SqliteStatement AddText(ReadOnlySpan<byte> text) => Bound(raw.sqlite3_bind_text(_statement, ++_bound, text));

    public SqliteStatement Add(ReadOnlySpan<byte> bytes) => Bound(raw.sqlite3_bind_blob(_statement, ++_bound, bytes));

    public SqliteStatement Add(long number) => Bound(raw.sqlite3_bind_int64(_statement, ++_bound, number));

    public SqliteStatement Add(int number) => Add((long)number);

    public SqliteStatement Add(int? number) => number is { } value ? Add((long)value) : AddNull();

    public SqliteStatement Add(double number) => Bound(raw.sqlite3_bind_double(_statement, ++_bound, number));

    public SqliteStatement Add(DateTimeOffset time) => Add(time.UtcTicks);

    public SqliteStatement Add(DateTimeOffset? time) => time is { } value ? Add(value.UtcTicks) : AddNull();

    /// <summary>Executes it with what was bound.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Goes to the next row. Once there is none, or the caller has what it wants, <see cref="Reset"/>.</summary>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is not raw.SQLITE_ROW and not raw.SQLITE_DONE) Check(result);
        return result == raw.SQLITE_ROW;
    }

    public string? Text(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public void Reset()
    {
        // Its result is that of the last step, which was seen.
        _ = raw.sqlite3_reset(_statement);
        _bound = 0;
    }

    public void Dispose() => _statement.Dispose();

    private SqliteStatement AddNull() => Bound(raw.sqlite3_bind_null(_statement, ++_bound));

    private SqliteStatement Bound(int result)
    {
        Check(result);
        return this;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK) throw new SqliteException(raw.sqlite3_errmsg(_database).utf8_to_string(), result, raw.sqlite3_extended_errcode(_database));
    }
}
