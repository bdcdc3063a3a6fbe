using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Data;

/// <summary>Brings the schemas of the modules in this process up to date, before anything else of the host starts.</summary>
public sealed class DatabaseMigrator : IHostedLifecycleService
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ModuleDatabases _databases;
    private readonly SqliteFolderLock _folder;
    private readonly IOptions<DatabaseOptions> _options;
    private readonly ILogger<DatabaseMigrator> _log;

    internal DatabaseMigrator(
        IServiceScopeFactory scopes, ModuleDatabases databases, SqliteFolderLock folder, IOptions<DatabaseOptions> options, ILogger<DatabaseMigrator> log) =>
        (_scopes, _databases, _folder, _options, _log) = (scopes, databases, folder, options, log);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (_databases.Modules.Any()) _folder.Take();
        return _options.Value.MigrateOnStartup ? MigrateAsync(cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Applies what is missing; several processes may do so at once.</summary>
    public Task MigrateAsync(CancellationToken cancellationToken) =>
        // Side by side, each on a thread of its own: what takes long is making the models, which waits for nothing
        Task.WhenAll(_databases.Modules.Select(module => Task.Run(() => MigrateAsync(module, cancellationToken), cancellationToken)));

    private async Task MigrateAsync(string module, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = _databases.ContextOf(scope.ServiceProvider, module);
        var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).ToList();
        if (pending.Count == 0) return;

        using var entered = await db.EnterAsync(cancellationToken);
        if (db.Database.IsNpgsql()) await MigrateAloneAsync(db.Database, cancellationToken);
        else await db.Database.MigrateAsync(cancellationToken);
        _log.LogInformation("{Module}: applied {Migrations}", module, string.Join(", ", pending));
    }

    // EF's own lock lasts for one migration: between two of them another process would begin with the second too. This one is the session's. It
    // is given back by hand, for a connection keeps its locks while it lies in the pool.
    private static async Task MigrateAloneAsync(DatabaseFacade database, CancellationToken cancellationToken)
    {
        var creator = database.GetService<IRelationalDatabaseCreator>();
        if (!await creator.ExistsAsync(cancellationToken)) await creator.CreateAsync(cancellationToken);
        await database.OpenConnectionAsync(cancellationToken);
        await database.ExecuteSqlRawAsync("SELECT pg_advisory_lock(hashtext('dox migrate'))", cancellationToken);
        try
        {
            await database.MigrateAsync(cancellationToken);
        }
        finally
        {
            await database.ExecuteSqlRawAsync("SELECT pg_advisory_unlock(hashtext('dox migrate'))", CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
