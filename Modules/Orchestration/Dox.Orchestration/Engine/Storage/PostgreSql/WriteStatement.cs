using Npgsql;

namespace Dox.Orchestration.Engine.Storage.PostgreSql;

/// <summary>One statement of a flush. It takes part where it has rows.</summary>
internal interface IWriteStatement
{
    int Count { get; }

    void Clear();

    NpgsqlBatchCommand NewCommand();
}

/// <summary>A statement that is given rows as arrays; in its text <c>{w}</c> stands for them.</summary>
internal sealed class WriteStatement<TRow>(ArrayColumns<TRow> columns, string sql) : IWriteStatement
{
    private readonly string _sql = sql.Replace("{w}", columns.Rows, StringComparison.Ordinal);

    public int Count => columns.Count;

    public void Add(TRow row) => columns.Add(row);

    public void Clear() => columns.Clear();

    public NpgsqlBatchCommand NewCommand() => columns.NewCommand(_sql);
}
