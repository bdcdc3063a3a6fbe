using System.Globalization;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Servers;
using Npgsql;

namespace Dox.Testing.Hosts;

/// <summary>What a host keeps outside its process, of its own: a folder, a database, a prefix on Redis. Gone when it is disposed.</summary>
internal sealed class HostState : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dox-test-");
    private readonly Dictionary<string, string?> _settings = new(StringComparer.OrdinalIgnoreCase);
    private PostgresServer? _postgres;
    private string? _database;

    private HostState()
    {
    }

    public IReadOnlyDictionary<string, string?> Settings => _settings;

    public string Folder => _folder.FullName;

    /// <param name="database">Where the modules' state is to be.</param>
    /// <param name="transport">How they reach each other.</param>
    /// <param name="modules">Those whose databases are up to date already.</param>
    public static async Task<HostState> CreateAsync(DatabaseProvider database, TransportKind transport, IReadOnlyList<IModule> modules)
    {
        var state = new HostState();
        state._settings["DOX_DATA_PATH"] = state._folder.FullName;
        if (database == DatabaseProvider.PostgreSql) await state.AddDatabaseAsync(modules);
        else await MigratedDatabases.CopyAsync(state._folder.FullName, modules);
        if (transport == TransportKind.Redis) await state.AddRedisAsync();
        return state;
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        if (_database is null) return;
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_postgres!.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
#pragma warning disable CA2100 // the name is made by the fixture
        await using var drop = new NpgsqlCommand($"drop database if exists \"{_database}\" with (force)", connection);
#pragma warning restore CA2100
        await drop.ExecuteNonQueryAsync();
    }

    private async Task AddDatabaseAsync(IReadOnlyList<IModule> modules)
    {
        _postgres = await PostgresServer.SharedAsync();
        var template = await MigratedDatabases.TemplateAsync(_postgres, modules);
        var connection = new NpgsqlConnectionStringBuilder(await _postgres.CreateDatabaseAsync(template)) { MaxPoolSize = 20 };
        _database = connection.Database;
        _settings["Dox:Database:ConnectionString"] = connection.ConnectionString;
    }

    private async Task AddRedisAsync()
    {
        var redis = await RedisServer.SharedAsync();
        _settings["REDIS_HOST"] = redis.Host;
        _settings["REDIS_PORT"] = redis.Port.ToString(CultureInfo.InvariantCulture);
        _settings["REDIS_PASSWORD"] = redis.Password;
        _settings["Dox:Redis:Prefix"] = RedisServer.NewPrefix();
        _settings["Dox:Transport:Kind"] = nameof(TransportKind.Redis);
        _settings["Dox:Transport:AlwaysRemote"] = "true";
    }
}
