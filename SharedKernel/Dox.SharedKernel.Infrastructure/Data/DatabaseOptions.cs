namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>Which database holds the state.</summary>
public enum DatabaseProvider
{
    /// <summary>A file for each module under <see cref="DatabaseOptions.Path"/>; one process.</summary>
    Sqlite,

    /// <summary>One database, a schema for each module.</summary>
    PostgreSql,
}

/// <summary>Where state lives. Section <c>Dox:Database</c>; <c>POSTGRES_…</c> and <c>DOX_DATA_PATH</c> set it too.</summary>
public sealed class DatabaseOptions
{
    /// <summary>A PostgreSQL connection string; wins over <see cref="Host"/> and the rest.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>PostgreSQL's host; without it and without a connection string, SQLite is used.</summary>
    public string? Host { get; set; }

    /// <summary>PostgreSQL's port.</summary>
    public int Port { get; set; } = 5432;

    /// <summary>The database's name.</summary>
    public string Name { get; set; } = "dox_workflows";

    /// <summary>The user.</summary>
    public string User { get; set; } = "dox_user";

    /// <summary>The user's password.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// A PostgreSQL connection string of a read replica, which lists are read from; they may lag behind by as much as it does. Several hosts may
    /// stand in it: one that is a standby is preferred. Absent: the database itself.
    /// </summary>
    public string? ReadOnlyConnectionString { get; set; }

    /// <summary>Most connections that one process opens.</summary>
    public int MaxConnections { get; set; } = 50;

    /// <summary>The folder for SQLite's files.</summary>
    public string Path { get; set; } = "data";

    /// <summary>Whether the start brings the schema up to date; off where a job of its own does (<c>dox migrate</c>).</summary>
    public bool MigrateOnStartup { get; set; } = true;

    /// <summary>PostgreSQL where it is configured, else SQLite.</summary>
    public DatabaseProvider Provider =>
        string.IsNullOrWhiteSpace(ConnectionString) && string.IsNullOrWhiteSpace(Host) ? DatabaseProvider.Sqlite : DatabaseProvider.PostgreSql;
}
