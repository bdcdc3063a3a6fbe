using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>A module's SQLite file for who writes it with SQL of his own: a connection, and the gate that every writer of the file passes.</summary>
public sealed class SqliteFiles
{
    private readonly IOptions<DatabaseOptions> _options;
    private readonly SqliteWriteGate _gate;

    internal SqliteFiles(IOptions<DatabaseOptions> options, SqliteWriteGate gate) => (_options, _gate) = (options, gate);

    /// <summary>A connection to the file of the schema, closed as yet.</summary>
    public SqliteConnection Connect(string schema) => new(ModuleDatabaseRegistration.SqliteConnectionString(_options.Value, schema));

    /// <summary>Waits until nobody else writes to the file; dispose what is returned when the writing is committed.</summary>
    public Task<IDisposable> EnterAsync(string schema, CancellationToken cancellationToken) => _gate.EnterAsync(schema, cancellationToken);
}
