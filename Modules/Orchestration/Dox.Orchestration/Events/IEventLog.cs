namespace Dox.Orchestration.Events;

/// <summary>
/// The order of what happened. Events aren't kept: they are a view of the journals and of what was raised; what the log keeps is which entry
/// comes after which. It grows behind the commits, never in them, and an entry is never followed by one that was there to be read before it.
/// </summary>
internal interface IEventLog
{
    /// <summary>Whether this process is the one that leads: it orders the entries, and serves those who must be served once. Takes the lead if it is free.</summary>
    Task<bool> TryLeadAsync(CancellationToken cancellationToken);

    /// <summary>Gives positions to what was committed since; only the leader may.</summary>
    /// <returns>True: there may be more.</returns>
    Task<bool> AdvanceAsync(CancellationToken cancellationToken);

    /// <summary>The newest entry's position, and the oldest's that is kept; zeros before the first.</summary>
    Task<(long Oldest, long Newest)> RangeAsync(CancellationToken cancellationToken);

    /// <summary>The entries behind <paramref name="position"/>, in order, at most <paramref name="most"/>.</summary>
    Task<IReadOnlyList<FeedRow>> ReadAfterAsync(long position, int most, CancellationToken cancellationToken);

    /// <summary>Of the entries behind <paramref name="position"/>, up to <paramref name="last"/>, those that were raised.</summary>
    Task<IReadOnlyList<FeedRow>> ReadRaisedAsync(long position, long last, CancellationToken cancellationToken);

    /// <summary>Forgets the order of what is older; the newest entry always stays.</summary>
    Task TrimAsync(DateTimeOffset before, CancellationToken cancellationToken);
}
