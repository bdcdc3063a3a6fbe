using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Modules;
using Dox.SharedKernel.Infrastructure.Transport;
using MediatR;
using Microsoft.Extensions.Options;

namespace Dox.SharedKernel.Infrastructure.Dispatch;

/// <summary>
/// The one decorator of the mediator. A request to the calling module goes straight on, in the same scope; one to another
/// module goes through the transport, always, so that where that module runs makes no difference.
/// </summary>
internal sealed class ModuleMediator(
    Mediator inner, CallContext call, ModuleSet modules, MessageCatalog catalog, TransportRouter router, OpenWrites writes,
    IOptions<TransportOptions> options, TimeProvider clock) : IMediator
{
    public async Task<TResponse> Send<TResponse>(IRequest<TResponse> request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var owner = modules.OwnerOf(request.GetType());
        if (owner is null || owner == call.Module) return await inner.Send(request, cancellationToken);

        if (writes.Any)
            throw new InvalidOperationException(
                $"{request.GetType().Name} was sent to {owner} inside an open transaction. Enqueue it (db.Enqueue), or send it before or after.");

        var message = catalog.Of(request.GetType());
        var now = clock.GetUtcNow();
        var envelope = new Envelope(Guid.CreateVersion7(now), message.Name, call.Module ?? "host", call.Caller, now)
        {
            Deadline = call.Deadline ?? now + options.Value.RequestTimeout,
            IdempotencyKey = call.IdempotencyKey,
            Message = request,
        };
        var reply = await router.To(owner).RequestAsync(owner, envelope, cancellationToken);
        return (TResponse)reply.Read(typeof(TResponse))!;
    }

    public Task Publish<TNotification>(TNotification notification, CancellationToken cancellationToken = default)
        where TNotification : INotification =>
        throw new InvalidOperationException(
            $"{typeof(TNotification).Name} would be told before, or without, the change that it tells of. Raise it: db.Raise(event).");
}
