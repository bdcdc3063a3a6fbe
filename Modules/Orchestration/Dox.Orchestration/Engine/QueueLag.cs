using Dox.SharedKernel.Errors;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine;

/// <summary>
/// For how long runs wait to be worked on, and what follows from it: who sends more while that is too long is told to come back later, with
/// nothing accepted, instead of being accepted and served in hours.
/// </summary>
internal sealed class QueueLag(RunEngine engine, IOptions<EngineOptions> options)
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private long _dueTicks;

    /// <summary>Of the run that has waited longest: in this process's hands, or due and in nobody's.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(Math.Max(engine.Lag.Ticks, Volatile.Read(ref _dueTicks)));

    /// <summary>What the tables said last.</summary>
    public void Due(TimeSpan since) => Volatile.Write(ref _dueTicks, Math.Max(0, since.Ticks));

    /// <summary>Lets new work in, or not.</summary>
    /// <exception cref="DoxException">429: there is too much waiting.</exception>
    public void Demand()
    {
        var (lag, most) = (Now, options.Value.MaxQueueLag);
        if (most <= TimeSpan.Zero || lag <= most) return;
        // The longer the queue, the later they come back.
        var retry = TimeSpan.FromTicks(Math.Clamp((lag - most).Ticks, ShortestRetry.Ticks, LongestRetry.Ticks));
        throw new DoxException(429, "too_much_waiting", $"Runs wait for {lag.TotalSeconds:0} seconds here, and more than {most.TotalSeconds:0} is too long. Nothing was accepted; send it again later.")
        {
            RetryAfter = retry,
        };
    }
}
