using System.Diagnostics;
using System.Text.Json;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Inbox;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.SharedKernel.Infrastructure.Transport;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Dispatch;

/// <summary>
/// The receiving side of one-way messages. Events of a batch share a scope and a transaction; where one fails, each gets its own.
/// A handler's own write transactions join that one, so that its effect and the inbox's row are committed together.
/// The inbox drops what this module has committed before.
/// </summary>
internal sealed class DeliveryDispatcher(
    IServiceScopeFactory scopes, MessageCatalog catalog, ModuleDatabases databases, IOptions<TransportOptions> options, TimeProvider clock, ILogger<DeliveryDispatcher> log)
{
    // A handler that does heed its limit gets the time to say so.
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    public async Task<IReadOnlyList<Fault?>> HandleAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        var allEvents = batch.Count > 1 && batch.All(e => catalog.Find(e.Name) is { Kind: MessageKind.Event });
        var together = allEvents ? await TryAsync(module, batch, cancellationToken) : Ended.Badly;
        if (together == Ended.Well) return new Fault?[batch.Count];
        // One of them hangs, and more may: the others don't wait for each of those.
        if (together == Ended.TooLate) return await Task.WhenAll(batch.Select(e => AloneAsync(module, e, cancellationToken)));

        var faults = new Fault?[batch.Count];
        for (var i = 0; i < batch.Count; i++) faults[i] = await AloneAsync(module, batch[i], cancellationToken);
        return faults;
    }

    private async Task<Ended> TryAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        try
        {
            await InTimeAsync(module, batch, cancellationToken);
            return Ended.Well;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogDebug(e, "A batch of {Count} for {Module} is split: one of it failed", batch.Count, module);
            return e is DoxException { Status: 504 } ? Ended.TooLate : Ended.Badly;
        }
    }

    /// <summary>
    /// Handles them in one transaction, or none of them. A handler that takes too long is given up, with its transaction: it would hold up all
    /// that comes after it, and on SQLite every writer of its file.
    /// </summary>
    private async Task InTimeAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        var most = options.Value.DeliveryTimeout * 0.4;
        using var limit = new CancellationTokenSource(most, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await using var scope = scopes.CreateAsyncScope();
        try
        {
            await TogetherAsync(scope.ServiceProvider, module, batch, stop.Token).WaitAsync(most + Grace, clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException || (e is OperationCanceledException && limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested))
        {
            throw DoxException.TimedOut($"{module} wasn't done with {batch[0].Name} in {most.TotalSeconds:0.#} s (two fifths of Dox:Transport:DeliveryTimeout).");
        }
    }

    private async Task TogetherAsync(IServiceProvider services, string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        var db = databases.ContextOf(services, module);
        // The transaction opens with the handler's own SaveChanges, so that a command may do I/O before it.
        db.HoldCommit(joinsWrites: true);
        // One look for all and one write: each by itself would cost more than the handling.
        var done = await DoneAsync(db, batch.Select(KeyOf), cancellationToken);
        var received = new List<InboxMessage>(batch.Count);
        foreach (var envelope in batch)
        {
            if (!done.Add(KeyOf(envelope))) continue;
            received.Add(await HandleOnceAsync(services, db, module, envelope, cancellationToken));
        }

        // Last: a handler that gives up a part of its writing takes nothing of this with it.
        if (received.Count > 0) await InboxRows.InsertAsync(db, received, cancellationToken);
        await db.CommitHeldAsync(cancellationToken);
    }

    private async Task<Fault?> AloneAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        var fault = await FaultAsync(module, envelope, cancellationToken);
        // The same message handed over twice at once: the one that lost has nothing left to do.
        return fault is not null && await IsDoneAsync(module, envelope, cancellationToken) ? null : fault;
    }

    private async Task<Fault?> FaultAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        try
        {
            await InTimeAsync(module, [envelope], cancellationToken);
            return null;
        }
        catch (DoxException e)
        {
            return Fault.Of(e);
        }
        catch (JsonException e)
        {
            return new(400, "unreadable_message", $"The body of {envelope.Name} can't be read: {e.Message}", [], null, new Dictionary<string, string>(StringComparer.Ordinal));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogError(e, "{Module} failed at {Message} {Id}", module, envelope.Name, envelope.Id);
            return Fault.Of(new DoxException(500, "internal_error", $"{module} failed at {envelope.Name}: {e.GetType().Name}"));
        }
    }

    private async Task<bool> IsDoneAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var key = KeyOf(envelope);
            return await databases.ContextOf(scope.ServiceProvider, module).Inbox.AnyAsync(m => m.Key == key, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogDebug(e, "The inbox of {Module} can't be read", module);
            return false;
        }
    }

    private static string KeyOf(Envelope envelope) => envelope.Id.ToString("N");

    private static async Task<HashSet<string>> DoneAsync(ModuleDbContext db, IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        var asked = keys.ToList();
        var known = await db.Inbox.Where(m => asked.Contains(m.Key)).Select(m => m.Key).ToListAsync(cancellationToken);
        return new(known, StringComparer.Ordinal);
    }

    /// <summary>Handles what this module hasn't committed before, and returns its row of the inbox.</summary>
    private async Task<InboxMessage> HandleOnceAsync(
        IServiceProvider services, ModuleDbContext db, string module, Envelope envelope, CancellationToken cancellationToken)
    {
        var type = catalog.Find(envelope.Name) ?? throw new DoxException(501, "unknown_message", $"No module of this version knows {envelope.Name}.");
        using var activity = DoxTelemetry.Source(module).StartActivity($"{envelope.Name} handle", ActivityKind.Consumer, envelope.Trace);
        activity?.SetTag("messaging.message.id", envelope.Id);

        services.Restore(module, envelope);
        var message = envelope.Read(type);
        if (type.Kind == MessageKind.Event)
            await EventInvoker.For(type.Type).HandleAsync(services, module, message, cancellationToken);
        else
            await RequestInvoker.For(type).SendAsync(services.GetRequiredService<IMediator>(), message, cancellationToken);
        // What the handler left unsaved is saved before the next one, which may give up what it wrote, and all that isn't saved with it.
        if (db.ChangeTracker.HasChanges()) await db.SaveChangesAsync(cancellationToken);
        return new InboxMessage { Key = KeyOf(envelope), Name = type.Name, Received = clock.GetUtcNow() };
    }

    private enum Ended
    {
        Well,
        Badly,
        TooLate,
    }
}
