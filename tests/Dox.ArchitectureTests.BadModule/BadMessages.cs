using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using MediatR;

namespace Dox.ArchitectureTests.BadModule;

/// <summary>No name, no handler, says nothing of who may send it.</summary>
public sealed record Unhandled : ICommand;

/// <summary>Two handlers, and a name that is taken.</summary>
[MessageName("bad.do-it.v1"), OpenToAll]
public sealed record TwiceHandled : ICommand;

/// <summary>The name that is taken; not sealed, holds what can't be sent, and a constant.</summary>
[MessageName("bad.do-it.v1"), OpenToAll]
public record OpenContract(Stream Content, IReadOnlyList<object> Anything) : ICommand
{
    public const int Limit = 1;
}

/// <summary>Named as no message is, and heard twice.</summary>
[MessageName("Happened")]
public sealed record Happened : IIntegrationEvent;

internal sealed class FirstHandler : IRequestHandler<TwiceHandled, Unit>
{
    public Task<Unit> Handle(TwiceHandled request, CancellationToken cancellationToken) => Unit.Task;
}

internal sealed class SecondHandler : IRequestHandler<TwiceHandled, Unit>
{
    public Task<Unit> Handle(TwiceHandled request, CancellationToken cancellationToken) => Unit.Task;
}

/// <summary>Public, and open to be derived from.</summary>
public class OpenHandler : IRequestHandler<OpenContract, Unit>
{
    public Task<Unit> Handle(OpenContract request, CancellationToken cancellationToken) => Unit.Task;
}

internal sealed class FirstListener : INotificationHandler<Happened>
{
    public Task Handle(Happened notification, CancellationToken cancellationToken) => Task.CompletedTask;
}

internal sealed class SecondListener : INotificationHandler<Happened>
{
    public Task Handle(Happened notification, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Hears what another assembly raises.</summary>
internal sealed class Eavesdropper : INotificationHandler<INotification>
{
    public Task Handle(INotification notification, CancellationToken cancellationToken) => Task.CompletedTask;
}
