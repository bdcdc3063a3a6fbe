namespace Dox.Host.Observability;

/// <summary>Which part of the requests of the last five minutes was answered with 5xx. Counted by ten seconds: what it tells is up to that much too old.</summary>
internal sealed class RecentErrors(TimeProvider clock)
{
    private const int Slots = 30;
    private static readonly long s_slotTicks = TimeSpan.FromSeconds(10).Ticks;

    private readonly Lock _lock = new();
    private readonly (long Slot, long Requests, long Errors)[] _slots = new (long, long, long)[Slots];

    /// <summary>0 to 1; 0 where nobody asked for anything.</summary>
    public double Rate
    {
        get
        {
            var now = clock.GetUtcNow().UtcTicks / s_slotTicks;
            lock (_lock)
            {
                var recent = Array.FindAll(_slots, s => s.Slot > now - Slots);
                var requests = recent.Sum(s => s.Requests);
                return requests == 0 ? 0 : (double)recent.Sum(s => s.Errors) / requests;
            }
        }
    }

    public void Answered(int status)
    {
        var slot = clock.GetUtcNow().UtcTicks / s_slotTicks;
        lock (_lock)
        {
            ref var at = ref _slots[slot % Slots];
            if (at.Slot != slot) at = (slot, 0, 0);
            at.Requests++;
            if (status >= StatusCodes.Status500InternalServerError) at.Errors++;
        }
    }
}
