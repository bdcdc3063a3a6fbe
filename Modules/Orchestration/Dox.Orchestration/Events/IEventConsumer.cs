namespace Dox.Orchestration.Events;

/// <summary>
/// One who must be told of every event in order, by one process at a time: it comes again from where it was when that process dies, so what it
/// does must bear repeats.
/// </summary>
internal interface IEventConsumer
{
    /// <summary>What its place in the feed is kept under.</summary>
    string Name { get; }

    /// <summary>What it wants to know of now: what nobody would notice needn't be read for it.</summary>
    ValueTask<FeedInterest> InterestAsync(CancellationToken cancellationToken);

    /// <summary>Takes the events; what it throws has it called with them again.</summary>
    Task TakeAsync(IReadOnlyList<DoxEvent> events, CancellationToken cancellationToken);
}

/// <summary>Which entries of the feed somebody wants.</summary>
internal enum FeedInterest
{
    /// <summary>None.</summary>
    Nothing,

    /// <summary>Events that were raised; not those that journals tell of, which are many more.</summary>
    Raised,

    /// <summary>All.</summary>
    Everything,
}
