using Npgsql;
using NpgsqlTypes;

namespace Dox.Orchestration.Engine.Storage.PostgreSql;

/// <summary>One column of the rows that a statement is given: an array, which <c>unnest</c> makes rows of.</summary>
internal abstract class ArrayColumn<TRow>(string name, string type)
{
    public string Name { get; } = name;

    public string Type { get; } = type;

    public abstract void Clear();

    public abstract void Add(TRow row);

    /// <summary>A parameter that is always the column's present values.</summary>
    public abstract NpgsqlParameter NewParameter();
}

internal sealed class ArrayColumn<TRow, TValue>(string name, string type, NpgsqlDbType element, Func<TRow, TValue> value) : ArrayColumn<TRow>(name, type)
{
    private readonly List<TValue> _values = [];

    public override void Clear() => _values.Clear();

    public override void Add(TRow row) => _values.Add(value(row));

    public override NpgsqlParameter NewParameter() => new NpgsqlParameter<List<TValue>> { TypedValue = _values, NpgsqlDbType = NpgsqlDbType.Array | element };
}

/// <summary>The columns of a statement, each with the type that PostgreSQL has for it.</summary>
internal sealed class ArrayColumns<TRow>
{
    private readonly List<ArrayColumn<TRow>> _columns = [];

    public int Count { get; private set; }

    /// <summary>The rows in SQL: <c>SELECT * FROM unnest($1::uuid[], …) AS w(id, …)</c>.</summary>
    public string Rows =>
        $"SELECT * FROM unnest({string.Join(", ", _columns.Select((c, i) => $"${i + 1}::{c.Type}[]"))}) AS w({string.Join(", ", _columns.Select(c => c.Name))})";

    public ArrayColumns<TRow> Id(string name, Func<TRow, Guid> value) => Add(name, "uuid", NpgsqlDbType.Uuid, value);

    public ArrayColumns<TRow> Id(string name, Func<TRow, Guid?> value) => Add(name, "uuid", NpgsqlDbType.Uuid, value);

    public ArrayColumns<TRow> Text(string name, Func<TRow, string?> value) => Add(name, "text", NpgsqlDbType.Text, value);

    public ArrayColumns<TRow> Text(string name, Func<TRow, ReadOnlyMemory<byte>> value) => Add(name, "text", NpgsqlDbType.Text, value);

    public ArrayColumns<TRow> Bytes(string name, Func<TRow, byte[]> value) => Add(name, "bytea", NpgsqlDbType.Bytea, value);

    public ArrayColumns<TRow> Number(string name, Func<TRow, int> value) => Add(name, "integer", NpgsqlDbType.Integer, value);

    public ArrayColumns<TRow> Number(string name, Func<TRow, int?> value) => Add(name, "integer", NpgsqlDbType.Integer, value);

    public ArrayColumns<TRow> Number(string name, Func<TRow, long> value) => Add(name, "bigint", NpgsqlDbType.Bigint, value);

    public ArrayColumns<TRow> Number(string name, Func<TRow, double> value) => Add(name, "double precision", NpgsqlDbType.Double, value);

    public ArrayColumns<TRow> Flag(string name, Func<TRow, bool> value) => Add(name, "boolean", NpgsqlDbType.Boolean, value);

    public ArrayColumns<TRow> Time(string name, Func<TRow, DateTimeOffset> value) => Add(name, "timestamptz", NpgsqlDbType.TimestampTz, row => value(row).UtcDateTime);

    public ArrayColumns<TRow> Time(string name, Func<TRow, DateTimeOffset?> value) => Add(name, "timestamptz", NpgsqlDbType.TimestampTz, row => value(row)?.UtcDateTime);

    public void Clear()
    {
        foreach (var column in _columns) column.Clear();
        Count = 0;
    }

    public void Add(TRow row)
    {
        foreach (var column in _columns) column.Add(row);
        Count++;
    }

    public NpgsqlBatchCommand NewCommand(string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var column in _columns) command.Parameters.Add(column.NewParameter());
        return command;
    }

    private ArrayColumns<TRow> Add<TValue>(string name, string type, NpgsqlDbType element, Func<TRow, TValue> value)
    {
        _columns.Add(new ArrayColumn<TRow, TValue>(name, type, element, value));
        return this;
    }
}
