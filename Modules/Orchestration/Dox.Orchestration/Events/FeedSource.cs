using System.Collections.Immutable;
using Dox.SharedKernel.Access;

namespace Dox.Orchestration.Events;

/// <summary>All events that a caller may see, of the types that were asked for.</summary>
internal sealed class FeedSource(EventWindow window, Caller caller, ImmutableHashSet<string> types, EventPosition after, long oldest) : IEventSource
{
    private EventPosition _after = after;
    private long _entry = after.Slot == int.MaxValue ? after.Entry : after.Entry - 1;

    public string? Missed => _after.Entry < oldest - 1 ? $"Events before {oldest}.0 are not kept any more; what follows begins there." : null;

    public string LastId { get; private set; } = after.Slot == int.MaxValue ? "" : after.ToString();

    public async Task<(IReadOnlyList<(string Id, DoxEvent Event)> Events, long Place)> NextAsync(CancellationToken cancellationToken)
    {
        var batch = await window.ReadAfterAsync(_entry, cancellationToken);
        var events = new List<(string, DoxEvent)>();
        foreach (var e in batch.Events)
        {
            if (e.Position <= _after || !e.IsVisibleTo(caller) || (types.Count > 0 && !types.Contains(e.Type))) continue;
            _after = e.Position;
            LastId = e.Position.ToString();
            events.Add((LastId, e));
        }

        _entry = Math.Max(_entry, batch.Last);
        return (events, _entry);
    }
}
