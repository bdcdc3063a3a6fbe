using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>
/// A module's state for reads that may lag: lists, and what is computed over many rows. On the read replica where <c>Dox:Database:ReadOnlyConnectionString</c>
/// names one, else the module's own context. What somebody decides by, or just wrote, isn't read here.
/// </summary>
/// <typeparam name="TContext">The module's.</typeparam>
public sealed class LaggingReads<TContext> : IAsyncDisposable
    where TContext : ModuleDbContext
{
    private readonly TContext? _own;

    internal LaggingReads(IServiceProvider services, string schema)
    {
        if (services.GetService<ReplicaSource>() is not { } replica)
        {
            Db = services.GetRequiredService<TContext>();
            return;
        }

        var options = new DbContextOptionsBuilder<TContext>().UseNpgsql(replica.Source, o => o.MigrationsHistoryTable("__ef_migrations_history", schema)).Options;
        Db = _own = ActivatorUtilities.CreateInstance<TContext>(services, options);
    }

    /// <summary>To read from, never to change.</summary>
    public TContext Db { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The pool of connections to the read replica, where there is one.</summary>
internal sealed class ReplicaSource(NpgsqlDataSource source) : IAsyncDisposable
{
    public NpgsqlDataSource Source => source;

    public ValueTask DisposeAsync() => source.DisposeAsync();

    /// <summary>Of several hosts a standby; the primary where none answers, as lists are better late than missing.</summary>
    public static ReplicaSource Of(DatabaseOptions options)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ReadOnlyConnectionString) { TargetSessionAttributes = null };
        connection.ApplicationName ??= "dox-reads";
        return new(new NpgsqlDataSourceBuilder(connection.ToString()).BuildMultiHost().WithTargetSession(TargetSessionAttributes.PreferStandby));
    }
}
