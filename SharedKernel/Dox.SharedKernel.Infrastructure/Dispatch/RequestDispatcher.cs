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

/// <summary>The receiving side of a request: a scope of its own, the caller restored, the reply or the fault.</summary>
internal sealed class RequestDispatcher(
    IServiceScopeFactory scopes, MessageCatalog catalog, ModuleDatabases databases, TimeProvider clock, ILogger<RequestDispatcher> log)
{
    public async Task<Reply> HandleAsync(string module, Envelope envelope, CancellationToken cancellationToken)
    {
        if (catalog.Find(envelope.Name) is not { } type || type.Owner != module || type.Kind == MessageKind.Event)
            return Failed(new DoxException(501, "unknown_message", $"{module} doesn't answer {envelope.Name}."));

        using var activity = DoxTelemetry.Source(module).StartActivity($"{envelope.Name} handle", ActivityKind.Consumer, envelope.Trace);
        activity?.SetTag("messaging.message.id", envelope.Id);
        using var deadline = new CancellationTokenSource(Left(envelope), clock);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.Restore(module, envelope);
            return envelope.IdempotencyKey is { } key && type.Kind == MessageKind.Command && databases.Has(module)
                ? await OnceAsync(scope.ServiceProvider, module, type, envelope, key, waiting.Token)
                : new(default) { Result = await SendAsync(scope.ServiceProvider, type, envelope, waiting.Token) };
        }
        catch (DoxException e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Code);
            return Failed(e);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Failed(DoxException.TimedOut($"{module} didn't answer {envelope.Name} in time."));
        }
        // A cancellation that neither the deadline nor the asker caused is the handler's own failure.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            log.LogError(e, "{Module} failed at {Message}", module, envelope.Name);
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            return Failed(new DoxException(500, "internal_error", $"{module} failed at {envelope.Name}; its log says why under trace {activity?.TraceId.ToString() ?? envelope.TraceParent}."));
        }
    }

    private async Task<Reply> OnceAsync(
        IServiceProvider services, string module, MessageType type, Envelope envelope, string key, CancellationToken cancellationToken)
    {
        if (await EarlierAsync(services, module, type, key, cancellationToken) is { } earlier) return earlier;
        try
        {
            return await FirstAsync(services, module, type, envelope, key, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Two with one key ran at the same time: the one that committed gave the answer for both. The failed one's transaction may
            // still be open in its own scope, so this looks from another.
            await using var scope = scopes.CreateAsyncScope();
            if (await EarlierAsync(scope.ServiceProvider, module, type, key, cancellationToken) is not { } meanwhile) throw;
            log.LogDebug(e, "{Module} answered {Message} under {Key} meanwhile", module, type.Name, key);
            return meanwhile;
        }
    }

    private async Task<Reply?> EarlierAsync(IServiceProvider services, string module, MessageType type, string key, CancellationToken cancellationToken)
    {
        var inbox = databases.ContextOf(services, module).Inbox.AsNoTracking();
        if (await inbox.SingleOrDefaultAsync(m => m.Key == key, cancellationToken) is not { } earlier) return null;
        return earlier.Name == type.Name && earlier.Reply is { } reply
            ? new(reply)
            : throw DoxException.Conflict("idempotency_key_reused", $"The key of this {type.Name} was used for a {earlier.Name}. Send it under a key of its own.");
    }

    // The reply is written in the transaction that the handler's own SaveChanges opens: after a crash either both are there, or neither.
    private async Task<Reply> FirstAsync(
        IServiceProvider services, string module, MessageType type, Envelope envelope, string key, CancellationToken cancellationToken)
    {
        var db = databases.ContextOf(services, module);
        db.HoldCommit();
        var reply = new Reply(default) { Result = await SendAsync(services, type, envelope, cancellationToken) };
        db.Inbox.Add(new InboxMessage { Key = key, Name = type.Name, Received = clock.GetUtcNow(), Reply = reply.Encoded().Body.ToArray() });
        await db.SaveChangesAsync(cancellationToken);
        await db.CommitHeldAsync(cancellationToken);
        return reply;
    }

    private static Task<object?> SendAsync(IServiceProvider services, MessageType type, Envelope envelope, CancellationToken cancellationToken)
    {
        object message;
        try
        {
            message = envelope.Read(type);
        }
        catch (JsonException e)
        {
            throw DoxException.Invalid("unreadable_message", $"The body of {envelope.Name} can't be read: {e.Message}");
        }

        return RequestInvoker.For(type).SendAsync(services.GetRequiredService<IMediator>(), message, cancellationToken);
    }

    private TimeSpan Left(Envelope envelope)
    {
        if (envelope.Deadline is not { } deadline) return Timeout.InfiniteTimeSpan;
        var left = deadline - clock.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private static Reply Failed(DoxException e) => new(default, Fault.Of(e));
}
