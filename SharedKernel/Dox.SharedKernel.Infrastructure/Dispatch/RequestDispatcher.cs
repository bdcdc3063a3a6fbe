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
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "{Module} failed at {Message}", module, envelope.Name);
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            return Failed(new DoxException(500, "internal_error", $"{module} failed at {envelope.Name}; its log says why under trace {activity?.TraceId.ToString() ?? envelope.TraceParent}."));
        }
    }

    // The reply is written in the transaction that the handler's own SaveChanges opens: after a crash either both are there, or neither.
    private async Task<Reply> OnceAsync(
        IServiceProvider services, string module, MessageType type, Envelope envelope, string key, CancellationToken cancellationToken)
    {
        var db = databases.ContextOf(services, module);
        if (await EarlierReplyAsync(db, key, cancellationToken) is { } earlier) return earlier;

        db.HoldCommit();
        var reply = new Reply(default) { Result = await SendAsync(services, type, envelope, cancellationToken) };
        db.Inbox.Add(new InboxMessage { Key = key, Name = type.Name, Received = clock.GetUtcNow(), Reply = reply.Encoded().Body.ToArray() });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e)
        {
            // The same command came twice at once, and the other one was first: its effect stands, this one's is taken back.
            await db.DropHeldAsync();
            return await EarlierReplyAsync(db, key, cancellationToken) ?? throw new InvalidOperationException($"{type.Name} could not be kept under the key {key}.", e);
        }

        await db.CommitHeldAsync(cancellationToken);
        return reply;
    }

    private static async Task<Reply?> EarlierReplyAsync(ModuleDbContext db, string key, CancellationToken cancellationToken) =>
        await db.Inbox.AsNoTracking().Where(m => m.Key == key).Select(m => m.Reply).SingleOrDefaultAsync(cancellationToken) is { } body ? new Reply(body) : null;

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
