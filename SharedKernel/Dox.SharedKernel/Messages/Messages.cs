using MediatR;

namespace Dox.SharedKernel.Messages;

/// <summary>A message that changes something and answers with <typeparamref name="TResult"/>.</summary>
public interface ICommand<out TResult> : IRequest<TResult>;

/// <summary>A message that changes something and has nothing to answer. May be enqueued in an outbox.</summary>
public interface ICommand : ICommand<Unit>;

/// <summary>A question: changes nothing, and may be asked again at any time.</summary>
public interface IQuery<out TResult> : IRequest<TResult>;

/// <summary>
/// Something that happened, told to whoever listens. Leaves its module only through the outbox
/// (<c>db.Raise(event)</c>) and arrives at least once; the inbox of each subscriber drops repeats.
/// </summary>
public interface IIntegrationEvent : INotification;
