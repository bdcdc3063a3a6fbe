namespace Dox.Validation.RateLimits;

/// <summary>How near the limits of documents anybody comes: of each limit the largest share that was used up lately, for the metric. Names nobody.</summary>
internal sealed class LimitUsage
{
    // Longer than between two looks at the metrics, short enough to tell when it is over
    private static readonly TimeSpan s_span = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private Dictionary<string, double> _before = [];
    private Dictionary<string, double> _now = [];
    private DateTimeOffset _since;

    public LimitUsage(TimeProvider clock)
    {
        (_clock, _since) = (clock, clock.GetUtcNow());
        ValidationTelemetry.ObserveUsage(Shares);
    }

    /// <summary>Takes down how a sender stands.</summary>
    public void Note(Usage usage, Limits limits)
    {
        lock (_lock)
        {
            Turn();
            Raise(LimitScopes.User, usage.UserCount, limits.User);
            Raise(LimitScopes.Account, usage.AccountCount, limits.Account);
            Raise(LimitScopes.UserBytes, usage.UserBytes, limits.UserBytes);
            Raise(LimitScopes.AccountBytes, usage.AccountBytes, limits.AccountBytes);
        }
    }

    /// <summary>By scope, 0 to 1 and more; 0 where nobody sent anything.</summary>
    public IReadOnlyList<(string Scope, double Share)> Shares()
    {
        lock (_lock)
        {
            Turn();
            return [.. LimitScopes.Counted.Select(scope => (scope, Math.Max(_before.GetValueOrDefault(scope), _now.GetValueOrDefault(scope))))];
        }
    }

    private void Turn()
    {
        var now = _clock.GetUtcNow();
        if (now - _since < s_span) return;
        (_before, _now, _since) = (now - _since < 2 * s_span ? _now : [], [], now);
    }

    private void Raise(string scope, long used, long limit) => _now[scope] = Math.Max(_now.GetValueOrDefault(scope), (double)used / limit);
}
