namespace Dox.Orchestration.Events;

/// <summary>
/// One who must be told of every event in order, by one process at a time: it comes again from where it was when that process dies, so what it
/// does must bear repeats.
/// </summary>
internal interface IEventConsumer
{
    /// <summary>What its place in the feed is kept under.</summary>
    string Name { get; }

    /// <summary>Nobody would notice what it does: events that come meanwhile needn't be read for it.</summary>
    ValueTask<bool> IsIdleAsync(CancellationToken cancellationToken);

    /// <summary>Takes the events; what it throws has it called with them again.</summary>
    Task TakeAsync(IReadOnlyList<DoxEvent> events, CancellationToken cancellationToken);
}
