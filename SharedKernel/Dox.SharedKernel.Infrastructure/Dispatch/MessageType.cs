using Dox.SharedKernel.Access;
using MediatR;

namespace Dox.SharedKernel.Infrastructure.Dispatch;

/// <summary>What a message is for.</summary>
public enum MessageKind
{
    /// <summary>Changes something.</summary>
    Command,

    /// <summary>Asks.</summary>
    Query,

    /// <summary>Tells.</summary>
    Event,
}

/// <summary>What the catalogue knows of a contract message.</summary>
/// <param name="Name">On the wire.</param>
/// <param name="Type">Its record.</param>
/// <param name="Owner">The module whose contract it is: the one that answers it, or raises it.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="ResultType">What it answers with; <see cref="Unit"/> for nothing, null for an event.</param>
public sealed record MessageType(string Name, Type Type, string Owner, MessageKind Kind, Type? ResultType)
{
    /// <summary>Sends a request of this type, whose type the sender knows at run time alone.</summary>
    /// <returns>The answer, a <see cref="ResultType"/>.</returns>
    public Task<object?> SendAsync(IMediator mediator, object request, CancellationToken cancellationToken) =>
        RequestInvoker.For(this).SendAsync(mediator, request, cancellationToken);
}

/// <summary>Who may send a request; <see cref="AnyOf"/> null is anybody whom the host let in.</summary>
/// <param name="AnyOf">The roles of which one is enough.</param>
public sealed record AccessRule(IReadOnlyList<Role>? AnyOf);
