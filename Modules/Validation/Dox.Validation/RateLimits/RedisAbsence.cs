using Microsoft.Extensions.Logging;

namespace Dox.Validation.RateLimits;

/// <summary>Remembers for a while that Redis didn't answer: else each document would wait for it.</summary>
internal sealed class RedisAbsence(TimeProvider clock, ILogger<RedisAbsence> log)
{
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(5);

    private long _until;

    public bool IsOn => clock.GetUtcNow().UtcTicks < Volatile.Read(ref _until);

    public void Note(Exception failure)
    {
        var wasOn = IsOn;
        Volatile.Write(ref _until, (clock.GetUtcNow() + s_again).UtcTicks);
        if (!wasOn) log.LogWarning(failure, "Redis doesn't answer; limits are kept in the database meanwhile, at a share of what they are");
    }
}
