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

namespace Dox.SharedKernel.Infrastructure.Dispatch;

/// <summary>
/// The receiving side of one-way messages. Events of a batch share a scope and a transaction; where one fails, each gets its own.
/// A handler's own write transactions join that one, so that its effect and the inbox's row are committed together.
/// The inbox drops what this module has committed before.
/// </summary>
internal sealed class DeliveryDispatcher(
    IServiceScopeFactory scopes, MessageCatalog catalog, ModuleDatabases databases, TimeProvider clock, ILogger<DeliveryDispatcher> log)
{
    public async Task<IReadOnlyList<Fault?>> HandleAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        var faults = new Fault?[batch.Count];
        var allEvents = batch.Count > 1 && batch.All(e => catalog.Find(e.Name) is { Kind: MessageKind.Event });
        if (allEvents && await TogetherAsync(module, batch, cancellationToken)) return faults;

        for (var i = 0; i < batch.Count; i++)
            faults[i] = await AloneAsync(module, batch[i], cancellationToken);
        return faults;
    }

    private async Task<bool> TogetherAsync(string module, IReadOnlyList<Envelope> batch, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = databases.ContextOf(scope.ServiceProvider, module);
            db.HoldCommit(joinsWrites: true);
            foreach (var envelope in batch)
                await HandleOnceAsync(scope.ServiceProvider, db, module, envelope, cancellationToken);
            await db.CommitHeldAsync(cancellationToken);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogDebug(e, "A batch of {Count} for {Module} is split: one of it failed", batch.Count, module);
            return false;
        }
    }

    private async Task<Fault?> AloneAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        var fault = await TryAsync(module, envelope, cancellationToken);
        // The same message handed over twice at once: the one that lost has nothing left to do.
        return fault is not null && await IsDoneAsync(module, envelope, cancellationToken) ? null : fault;
    }

    private async Task<Fault?> TryAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = databases.ContextOf(scope.ServiceProvider, module);
            // The transaction opens with the handler's own SaveChanges, so that a command may do I/O before it.
            db.HoldCommit(joinsWrites: true);
            await HandleOnceAsync(scope.ServiceProvider, db, module, envelope, cancellationToken);
            await db.CommitHeldAsync(cancellationToken);
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

    private async Task HandleOnceAsync(
        IServiceProvider services, ModuleDbContext db, string module, Envelope envelope, CancellationToken cancellationToken)
    {
        var type = catalog.Find(envelope.Name) ?? throw new DoxException(501, "unknown_message", $"No module of this version knows {envelope.Name}.");
        using var activity = DoxTelemetry.Source(module).StartActivity($"{envelope.Name} handle", ActivityKind.Consumer, envelope.Trace);
        activity?.SetTag("messaging.message.id", envelope.Id);

        services.Restore(module, envelope);
        var message = envelope.Read(type);
        var key = KeyOf(envelope);
        if (await db.Inbox.AnyAsync(m => m.Key == key, cancellationToken)) return;

        var received = new InboxMessage { Key = key, Name = type.Name, Received = clock.GetUtcNow() };
        db.Inbox.Add(received);
        if (type.Kind == MessageKind.Event)
            await EventInvoker.For(type.Type).HandleAsync(services, module, message, cancellationToken);
        else
            await RequestInvoker.For(type).SendAsync(services.GetRequiredService<IMediator>(), message, cancellationToken);
        // A part of the handler's writing that it gave up may have taken the row with it.
        if (db.Entry(received).State == EntityState.Detached && !await db.Inbox.AnyAsync(m => m.Key == key, cancellationToken)) db.Inbox.Add(received);
        await db.SaveChangesAsync(cancellationToken);
    }
}
