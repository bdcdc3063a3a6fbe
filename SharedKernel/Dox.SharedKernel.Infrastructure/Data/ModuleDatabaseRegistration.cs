using Dox.SharedKernel.Infrastructure.Audit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>Registers a module's database.</summary>
public static class ModuleDatabaseRegistration
{
    private const int AutoPrepared = 100;

    /// <summary>
    /// The module's context on the configured provider: a schema on PostgreSQL, a file on SQLite. Handlers ask for <typeparamref name="TContext"/>.
    /// </summary>
    /// <param name="builder">The host's.</param>
    /// <param name="module">The module's name.</param>
    /// <param name="schema">The schema's name, also the SQLite file's.</param>
    public static void AddModuleDatabase<TContext, TSqliteContext>(this IHostApplicationBuilder builder, string module, string schema)
        where TContext : ModuleDbContext
        where TSqliteContext : TContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Configuration.GetDatabaseOptions();
        builder.Services.AddSingleton(new ModuleDatabase(module, typeof(TContext)));
        if (typeof(TContext).IsAssignableTo(typeof(IAudited)))
            builder.Services.AddSingleton<IChainCheck>(services => new AuditChainCheck(module, services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<ModuleDatabases>()));
        builder.Services.AddScoped(services => new LaggingReads<TContext>(services, schema));
        if (options.Provider == DatabaseProvider.PostgreSql)
        {
            if (!string.IsNullOrWhiteSpace(options.ReadOnlyConnectionString))
                builder.Services.TryAddSingleton(services => ReplicaSource.Of(services.GetRequiredService<IOptions<DatabaseOptions>>().Value));
            builder.Services.TryAddSingleton(services => PostgreSqlSource(services.GetRequiredService<IOptions<DatabaseOptions>>().Value));
            builder.Services.AddDbContext<TContext>((services, db) => db
                .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>(), o => o.MigrationsHistoryTable("__ef_migrations_history", schema)));
        }
        else
        {
            Directory.CreateDirectory(options.Path);
            builder.Services.AddDbContext<TContext, TSqliteContext>(db => db
                .UseSqlite(SqliteConnectionString(options, schema), o => o.MigrationsHistoryTable("__ef_migrations_history")));
        }
    }

    /// <summary>The connection string of a module's SQLite file.</summary>
    internal static string SqliteConnectionString(DatabaseOptions options, string schema) => new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(options.Path, $"{schema}.db"),
        DefaultTimeout = 30,
    }.ToString();

    /// <summary>The pool of connections that all modules of the process share.</summary>
    internal static NpgsqlDataSource PostgreSqlSource(DatabaseOptions options)
    {
        var connection = string.IsNullOrWhiteSpace(options.ConnectionString)
            ? new NpgsqlConnectionStringBuilder
            {
                Host = options.Host,
                Port = options.Port,
                Database = options.Name,
                Username = options.User,
                Password = options.Password,
                MaxPoolSize = options.MaxConnections,
            }
            : new NpgsqlConnectionStringBuilder(options.ConnectionString);
        connection.ApplicationName ??= "dox";
        // A session that is left with a lock or a setting is put in order by who left it. Doing it for all, with each use, costs a statement more,
        // and the plans of those that come again and again.
        if (!connection.ShouldSerialize("No Reset On Close")) connection.NoResetOnClose = true;
        if (!connection.ShouldSerialize("Max Auto Prepare")) connection.MaxAutoPrepare = AutoPrepared;
        return new NpgsqlDataSourceBuilder(connection.ToString()).Build();
    }
}
