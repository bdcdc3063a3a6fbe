using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Dox.Testing.Servers;

/// <summary>A PostgreSQL server for tests. Named by <c>DOX_TEST_POSTGRES</c>, an Npgsql connection string of a role that may create databases.</summary>
public sealed class PostgresServer : TestServer
{
    private const string Variable = "DOX_TEST_POSTGRES";
    private const string Role = "dox";
    private const string NamePrefix = "dox_test_";
    private const string NameTime = "yyyyMMddHHmm";

    private static readonly TimeSpan LeftoversAge = TimeSpan.FromHours(6);
    private static readonly Lazy<Task<PostgresServer>> Shared = new(FindAsync);

    private PostgresServer(StartedServer started)
        : base(started) =>
        ConnectionString = $"Host={Host};Port={Port};Username={Role};Password={Role};Database=postgres;Include Error Detail=true";

    private PostgresServer(NpgsqlConnectionStringBuilder named)
        : base(named.Host ?? "localhost", named.Port) => ConnectionString = named.ConnectionString;

    /// <summary>The connection string of the database that databases are created from.</summary>
    public string ConnectionString { get; }

    /// <summary>The server that all tests of this process share; each makes a database of its own in it.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>A server of the test's own, which it may stop, kill and start.</summary>
    /// <param name="durable">Whether commits reach the disk (fsync and synchronous_commit on), as tests of crashes and benchmarks need.</param>
    /// <param name="settings">More settings, such as <c>max_connections</c>.</param>
    public static async Task<PostgresServer> StartPrivateAsync(bool durable = false, IReadOnlyDictionary<string, string>? settings = null) =>
        new(await StartNewAsync(Recipe(durable, settings), isPrivate: true));

    /// <summary>Creates a database and returns its connection string.</summary>
    /// <param name="template">The name of the database that it is a copy of, to which nobody may be connected; null: it is empty.</param>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        // The time in the name lets a later run remove what an earlier one left on a server that outlives it
        var time = TimeProvider.System.GetUtcNow().ToString(NameTime, CultureInfo.InvariantCulture);
        var name = $"{NamePrefix}{time}_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        await using var connection = await OpenAsync(ConnectionString, CancellationToken.None);
        await ExecuteAsync(connection, $"create database {name} template {template ?? "template0"} strategy file_copy encoding 'UTF8'");
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    internal static async Task<PostgresServer> FromEnvironmentAsync(string connectionString)
    {
        var server = new PostgresServer(new NpgsqlConnectionStringBuilder(connectionString));
        try
        {
            await using var connection = await OpenAsync(server.ConnectionString, CancellationToken.None);
            await DropLeftoversAsync(connection);
            return server;
        }
        catch (Exception failure) when (failure is NpgsqlException or SocketException)
        {
            throw new ServerUnavailableException($"{Variable} names {server.Host}:{server.Port}, which can't be used: {failure.Message}", failure);
        }
    }

    internal static ServerRecipe Recipe(bool durable = false, IReadOnlyDictionary<string, string>? settings = null)
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal) { ["max_connections"] = "300", ["shared_buffers"] = "64MB" };
        if (!durable)
            all["fsync"] = all["synchronous_commit"] = all["full_page_writes"] = "off";
        string[] options = [.. Overlay(all, settings).SelectMany(setting => (string[])["-c", $"{setting.Key}={setting.Value}"])];

        return new ServerRecipe
        {
            Name = "PostgreSQL",
            Install = "PostgreSQL 15 or later (Debian: postgresql)",
            Image = "postgres:15",
            ContainerPort = 5432,
            ContainerEnvironment = new Dictionary<string, string>(StringComparer.Ordinal) { ["POSTGRES_USER"] = Role, ["POSTGRES_PASSWORD"] = Role, ["POSTGRES_DB"] = "postgres" },
            ContainerCommand = ["postgres", .. options],
            FindBinary = () => Tool.Find("postgres", "/usr/lib/postgresql/*/bin"),
            UsersInsteadOfRoot = ["postgres", "nobody"],
            PrepareAsync = async (folder, postgres, port) =>
            {
                var data = Path.Combine(folder.Path, "data");
                var initdb = Path.Combine(Path.GetDirectoryName(postgres)!, "initdb");
                await Tool.RunAsync(folder.AsOwner([initdb, "--pgdata", data, "--username", Role, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]));
                return [postgres, "-D", data, "-p", $"{port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", .. options];
            },
            IsReadyAsync = AnswersAsync,
            StopSignal = "INT", // TERM would wait for the clients to go
            EndSignal = "QUIT",
        };
    }

    private static async Task<PostgresServer> FindAsync() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? await FromEnvironmentAsync(named)
            : new PostgresServer(await StartNewAsync(Recipe(), isPrivate: false));

    private static async Task<bool> AnswersAsync(string host, int port, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync($"Host={host};Port={port};Username={Role};Password={Role};Database=postgres;Timeout=5", cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is NpgsqlException or SocketException or TimeoutException)
        {
            return false;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task DropLeftoversAsync(NpgsqlConnection connection)
    {
        List<string> names = [];
        await using (var command = new NpgsqlCommand($"select datname from pg_database where datname like '{NamePrefix}%'", connection))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                names.Add(reader.GetString(0));
        }

        var limit = TimeProvider.System.GetUtcNow() - LeftoversAge;
        foreach (var name in names.Where(name => CreatedAt(name) < limit))
            await ExecuteAsync(connection, $"drop database if exists \"{name}\" with (force)");
    }

    private static DateTimeOffset CreatedAt(string name) =>
        DateTimeOffset.TryParseExact(name[NamePrefix.Length..].Split('_')[0], NameTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : DateTimeOffset.MaxValue;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        // The names in it are made here, never taken from input
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
