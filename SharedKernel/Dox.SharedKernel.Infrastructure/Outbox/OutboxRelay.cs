using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>
/// Carries a module's outbox to its subscribers: at least once, in order for each while nothing fails, with back-off and an end. Subscribers
/// don't wait for each other.
/// </summary>
internal sealed class OutboxRelay(
    string module, IServiceScopeFactory scopes, ModuleDatabases databases, TransportRouter router, OutboxSignals signals, OutboxMetrics metrics,
    IOptions<OutboxOptions> options, TimeProvider clock, ILogger<OutboxRelay> log) : BackgroundService
{
    private readonly OutboxOptions _options = options.Value;
    private DateTimeOffset _nextSweep = DateTimeOffset.MinValue;

    /// <summary>Whose outbox it carries.</summary>
    internal string Module => module;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A module that keeps no state has nothing to send.
        if (!databases.Has(module)) return;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await RelayAsync(stoppingToken) == _options.BatchSize)
                {
                }

                await SweepAsync(stoppingToken);
                await signals.WaitAsync(module, _options.PollInterval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "The outbox of {Module} can't be read; trying again", module);
                await Task.Delay(_options.PollInterval, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Delivers one batch; returns how many rows it took.</summary>
    internal async Task<int> RelayAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = databases.ContextOf(scope.ServiceProvider, module);
        var rows = await LeaseAsync(db, cancellationToken);
        if (rows.Count == 0) return 0;
        using var delivered = new CancellationTokenSource();
        var renewal = RenewAsync(rows[0].Lease, delivered.Token);
        try
        {
            var deliveries = rows.GroupBy(r => r.Target, StringComparer.Ordinal).Select(g => DeliverAsync(g.Key, [.. g], cancellationToken)).ToList();
            await foreach (var delivery in Task.WhenEach(deliveries).WithCancellation(cancellationToken))
            {
                var (settled, faults) = await delivery;
                await SettleAsync(db, settled, faults, cancellationToken);
            }

            return rows.Count;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await GiveBackAsync(rows[0].Lease);
            throw;
        }
        finally
        {
            await delivered.CancelAsync();
            await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A lease is short, so that a killed process's rows are soon another's; a delivery may be long.</summary>
    private async Task RenewAsync(Guid? lease, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.Lease / 3, clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                var db = databases.ContextOf(scope.ServiceProvider, module);
                var until = clock.GetUtcNow() + _options.Lease;
                await using var write = await db.BeginWriteAsync(cancellationToken);
                await db.Outbox.Where(m => m.Lease == lease).ExecuteUpdateAsync(s => s.SetProperty(m => m.LeasedUntil, until), cancellationToken);
                await write.CommitAsync(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                log.LogWarning(e, "The lease on messages of {Module} couldn't be renewed", module);
            }
        }
    }

    private async Task<List<OutboxMessage>> LeaseAsync(ModuleDbContext db, CancellationToken cancellationToken)
    {
        // now is captured: SQLite can't translate a clock inside a query, and one reading keeps the batch on one deadline.
        var now = clock.GetUtcNow();
        var lease = Guid.CreateVersion7(now);
        var until = now + _options.Lease;
        var due = db.Outbox.Where(m => m.Dead == null && m.NextAttempt <= now && (m.LeasedUntil == null || m.LeasedUntil < now));
        if (!await due.AnyAsync(cancellationToken)) return [];

        var ids = due.OrderBy(m => m.Id).Take(_options.BatchSize).Select(m => m.Id);
        await using (var write = await db.BeginWriteAsync(cancellationToken))
        {
            await db.Outbox
                .Where(m => ids.Contains(m.Id) && (m.LeasedUntil == null || m.LeasedUntil < now))
                .ExecuteUpdateAsync(s => s.SetProperty(m => m.Lease, lease).SetProperty(m => m.LeasedUntil, until), cancellationToken);
            await write.CommitAsync(cancellationToken);
        }

        return await db.Outbox.AsNoTracking().Where(m => m.Lease == lease).OrderBy(m => m.Id).ToListAsync(cancellationToken);
    }

    private async Task<(List<OutboxMessage> Rows, IReadOnlyList<Fault?> Faults)> DeliverAsync(
        string target, List<OutboxMessage> rows, CancellationToken cancellationToken)
    {
        try
        {
            return (rows, await router.To(target).DeliverAsync(target, [.. rows.Select(Sealed)], cancellationToken));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var fault = Fault.Undelivered(e as DoxException ?? DoxException.Unavailable("delivery_failed", $"{target} can't be reached: {e.Message}"));
            return (rows, [.. rows.Select(_ => fault)]);
        }
    }

    private async Task SettleAsync(ModuleDbContext db, List<OutboxMessage> rows, IReadOnlyList<Fault?> faults, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var done = rows.Where((_, i) => faults[i] is null).Select(r => r.Id).ToList();
        await using var write = await db.BeginWriteAsync(cancellationToken);
        if (done.Count > 0) await db.Outbox.Where(m => done.Contains(m.Id)).ExecuteDeleteAsync(cancellationToken);
        for (var i = 0; i < rows.Count; i++)
        {
            if (faults[i] is { } fault) await PutOffAsync(db, rows[i], fault, now, cancellationToken);
        }

        await write.CommitAsync(cancellationToken);
        foreach (var row in rows.Where((_, i) => faults[i] is null)) metrics.Delivered(module, now - row.Occurred);
    }

    private async Task PutOffAsync(ModuleDbContext db, OutboxMessage row, Fault fault, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // What never got there, or was never answered, isn't the message's fault: a module may be away for a weekend.
        var attempts = fault.IsUndelivered ? row.Attempts : row.Attempts + 1;
        var next = now + (fault.IsUndelivered ? Pause(now - row.Occurred) : TimeSpan.FromSeconds(Math.Min(3600, 0.25 * Math.Pow(2, attempts))));
        DateTimeOffset? dead = attempts >= _options.MaxAttempts ? now : null;
        var error = $"{fault.Status} {fault.Code}: {fault.Message}";
        error = error.Length > 2000 ? error[..2000] : error;
        // Another relay may have it by now, if this one took longer than its lease.
        await db.Outbox.Where(m => m.Id == row.Id && m.Lease == row.Lease).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.Attempts, attempts).SetProperty(m => m.NextAttempt, next).SetProperty(m => m.Dead, dead)
                .SetProperty(m => m.LastError, error).SetProperty(m => m.Lease, (Guid?)null).SetProperty(m => m.LeasedUntil, (DateTimeOffset?)null),
            cancellationToken);
        if (dead is null) log.LogWarning("{Module} could not deliver {Message} to {Target}, attempt {Attempt}: {Error}", module, row.Name, row.Target, attempts, error);
        else log.LogError("{Module} gave up {Message} {Id} to {Target}: {Error}", module, row.Name, row.MessageId, row.Target, error);
    }

    /// <summary>Until the next try at somebody who is away: a quarter of how long it has been, from half a second to half a minute.</summary>
    private static TimeSpan Pause(TimeSpan age) => TimeSpan.FromSeconds(Math.Clamp(age.TotalSeconds / 4, 0.5, 30));

    /// <summary>A process that stops in good order doesn't leave its rows to wait for the lease's end; what was committed meanwhile, the inbox knows.</summary>
    private async Task GiveBackAsync(Guid? lease)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = databases.ContextOf(scope.ServiceProvider, module);
        await using var write = await db.BeginWriteAsync(CancellationToken.None);
        await db.Outbox.Where(m => m.Lease == lease)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.Lease, (Guid?)null).SetProperty(m => m.LeasedUntil, (DateTimeOffset?)null), CancellationToken.None);
        await write.CommitAsync(CancellationToken.None);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (now < _nextSweep) return;
        _nextSweep = now + TimeSpan.FromHours(1);
        var before = now - _options.InboxRetention;
        await using var scope = scopes.CreateAsyncScope();
        var db = databases.ContextOf(scope.ServiceProvider, module);
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.Inbox.Where(m => m.Received < before).ExecuteDeleteAsync(cancellationToken);
        await write.CommitAsync(cancellationToken);
    }

    private Envelope Sealed(OutboxMessage row) =>
        new(row.MessageId, row.Name, module, JsonSerializer.Deserialize<Caller>(row.Caller, DoxJson.Options)!, row.Occurred)
        {
            Body = System.Text.Encoding.UTF8.GetBytes(row.Body),
            TraceParent = row.TraceParent,
            TraceState = null,
        };
}
