namespace Dox.Orchestration.Events;

/// <summary>Whether this process leads the feed now: what must be done by one process at a time is done by that one.</summary>
internal sealed class FeedLead
{
    private volatile bool _held;

    public bool IsHeld
    {
        get => _held;
        set => _held = value;
    }
}
