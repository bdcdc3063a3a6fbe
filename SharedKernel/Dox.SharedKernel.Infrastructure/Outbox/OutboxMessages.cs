using System.Diagnostics;
using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;

namespace Dox.SharedKernel.Infrastructure.Outbox;

/// <summary>
/// Makes rows of an outbox. A module's context does so itself (<c>Raise</c>, <c>Enqueue</c>); this is for who writes them with SQL of his own,
/// in the transaction that changes the module's state.
/// </summary>
public sealed class OutboxMessages
{
    private readonly MessageCatalog _catalog;
    private readonly OutboxSignals _signals;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private RowOrder _order;

    internal OutboxMessages(MessageCatalog catalog, OutboxSignals signals, TimeProvider clock) => (_catalog, _signals, _clock) = (catalog, signals, clock);

    /// <summary>The command's row. It is DOX that sends it, on behalf of who asked.</summary>
    /// <param name="command">A contract of another module.</param>
    /// <param name="onBehalfOf">Who asked.</param>
    public OutboxMessage Of(ICommand command, Caller onBehalfOf)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(onBehalfOf);
        return Of(command, [_catalog.Of(command.GetType()).Owner], onBehalfOf.AsSystem())[0];
    }

    /// <summary>Wakes the module's relay: rows were committed.</summary>
    public void Committed(string module) => _signals.Raise(module);

    /// <summary>A row for each target.</summary>
    internal IReadOnlyList<OutboxMessage> Of(object message, IReadOnlyList<string> targets, Caller sender)
    {
        if (targets.Count == 0) return [];
        var now = _clock.GetUtcNow();
        var messageId = Guid.CreateVersion7(now);
        var name = _catalog.Of(message.GetType()).Name;
        var body = JsonSerializer.Serialize(message, message.GetType(), DoxJson.Options);
        var caller = JsonSerializer.Serialize(sender, DoxJson.Options);
        return [.. targets.Select(target => new OutboxMessage
        {
            Id = NextId(now),
            MessageId = messageId,
            Name = name,
            Target = target,
            Body = body,
            Caller = caller,
            TraceParent = Activity.Current?.Id,
            Occurred = now,
            NextAttempt = now,
        })];
    }

    private Guid NextId(DateTimeOffset now)
    {
        lock (_lock) return _order.Next(now);
    }
}
