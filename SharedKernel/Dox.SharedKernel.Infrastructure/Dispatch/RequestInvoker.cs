using System.Collections.Concurrent;
using MediatR;

namespace Dox.SharedKernel.Infrastructure.Dispatch;

/// <summary>Sends a request whose type is known at run time alone. MediatR 5 has no <c>Send(object)</c>; a closed generic for each type is made once.</summary>
internal abstract class RequestInvoker
{
    private static readonly ConcurrentDictionary<Type, RequestInvoker> s_invokers = new();

    public static RequestInvoker For(MessageType message) =>
        s_invokers.GetOrAdd(message.Type, static (_, result) => (RequestInvoker)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(result))!, message.ResultType!);

    public abstract Task<object?> SendAsync(IMediator mediator, object request, CancellationToken cancellationToken);

    private sealed class Typed<TResult> : RequestInvoker
    {
        public override async Task<object?> SendAsync(IMediator mediator, object request, CancellationToken cancellationToken) =>
            await mediator.Send((IRequest<TResult>)request, cancellationToken);
    }
}

/// <summary>Hands an event to the one handler that a module has for it.</summary>
internal abstract class EventInvoker
{
    private static readonly ConcurrentDictionary<Type, EventInvoker> s_invokers = new();

    public static EventInvoker For(Type eventType) =>
        s_invokers.GetOrAdd(eventType, static type => (EventInvoker)Activator.CreateInstance(typeof(Typed<>).MakeGenericType(type))!);

    public abstract Task HandleAsync(IServiceProvider services, string module, object message, CancellationToken cancellationToken);

    private sealed class Typed<TEvent> : EventInvoker
        where TEvent : INotification
    {
        public override Task HandleAsync(IServiceProvider services, string module, object message, CancellationToken cancellationToken)
        {
            var modules = (Modules.ModuleSet)services.GetService(typeof(Modules.ModuleSet))!;
            var handlers = (IEnumerable<INotificationHandler<TEvent>>)services.GetService(typeof(IEnumerable<INotificationHandler<TEvent>>))!;
            return handlers.Single(h => modules.OwnerOf(h.GetType()) == module).Handle((TEvent)message, cancellationToken);
        }
    }
}
