using Dox.SharedKernel.Infrastructure.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>A message that was given up.</summary>
/// <param name="Id">Of the outbox's row; later ones sort later.</param>
/// <param name="Module">Whose change it tells of.</param>
/// <param name="Target">Who didn't take it.</param>
/// <param name="Name">The wire name.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastError">Why it failed last.</param>
/// <param name="Occurred">When the change was. UTC.</param>
/// <param name="GivenUp">When it was given up. UTC.</param>
/// <param name="TraceParent">W3C trace context of the change.</param>
public sealed record DeadMessage(
    Guid Id, string Module, string Target, string Name, int Attempts, string? LastError, DateTimeOffset Occurred, DateTimeOffset GivenUp, string? TraceParent);

/// <summary>What the outboxes of this process's modules gave up.</summary>
public sealed class DeadMessages
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ModuleDatabases _databases;
    private readonly OutboxSignals _signals;
    private readonly TimeProvider _clock;

    internal DeadMessages(IServiceScopeFactory scopes, ModuleDatabases databases, OutboxSignals signals, TimeProvider clock) =>
        (_scopes, _databases, _signals, _clock) = (scopes, databases, signals, clock);

    /// <summary>The modules whose outboxes are looked at.</summary>
    public IEnumerable<string> Modules => _databases.Modules;

    /// <summary>The newest ones, newest first.</summary>
    /// <param name="module">Of this one alone; null: of all.</param>
    /// <param name="before">Only those whose id is lower; null: all.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellationToken">Stops.</param>
    public async Task<IReadOnlyList<DeadMessage>> ListAsync(string? module, Guid? before, int most, CancellationToken cancellationToken)
    {
        var found = new List<DeadMessage>();
        foreach (var name in Modules.Where(m => module is null || m == module))
        {
            await using var scope = _scopes.CreateAsyncScope();
            var dead = _databases.ContextOf(scope.ServiceProvider, name).Outbox.AsNoTracking().Where(m => m.Dead != null);
            if (before is { } id) dead = dead.Where(m => m.Id < id);
            var rows = await dead.OrderByDescending(m => m.Id).Take(most).ToListAsync(cancellationToken);
            found.AddRange(rows.Select(row => Of(name, row)));
        }

        return [.. found.OrderByDescending(m => m.Id).Take(most)];
    }

    /// <summary>One; null where there is none (any more).</summary>
    public async Task<DeadMessage?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        foreach (var name in Modules)
        {
            await using var scope = _scopes.CreateAsyncScope();
            var row = await _databases.ContextOf(scope.ServiceProvider, name).Outbox.AsNoTracking().SingleOrDefaultAsync(m => m.Id == id && m.Dead != null, cancellationToken);
            if (row is not null) return Of(name, row);
        }

        return null;
    }

    /// <summary>Has a module's messages delivered again, as if they were new: one, or all that were given up.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RedriveAsync(string module, Guid? id, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = _databases.ContextOf(scope.ServiceProvider, module);
        var now = _clock.GetUtcNow();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var redriven = await db.Outbox.Where(m => m.Dead != null && (id == null || m.Id == id)).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.Dead, (DateTimeOffset?)null).SetProperty(m => m.Attempts, 0).SetProperty(m => m.NextAttempt, now), cancellationToken);
        await write.CommitAsync(cancellationToken);
        _signals.Raise(module);
        return redriven;
    }

    /// <summary>Takes a message out for good; its subscriber never gets it.</summary>
    /// <returns>False: it isn't there any more, or is on its way again.</returns>
    public async Task<bool> DismissAsync(string module, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = _databases.ContextOf(scope.ServiceProvider, module);
        await using var write = await db.BeginWriteAsync(cancellationToken);
        var gone = await db.Outbox.Where(m => m.Id == id && m.Dead != null).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
        return gone == 1;
    }

    private static DeadMessage Of(string module, OutboxMessage row) =>
        new(row.Id, module, row.Target, row.Name, row.Attempts, row.LastError, row.Occurred, row.Dead!.Value, row.TraceParent);
}
