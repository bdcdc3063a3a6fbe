using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>What surrounds a run while it is advanced: an embedded caller keeps nothing, a durable engine keeps everything.</summary>
public interface IRunServices
{
    /// <summary>The longest delay that is sat out in memory; a longer one ends the advance with <see cref="Track.WakeAt"/> set.</summary>
    TimeSpan LongestPause { get; }

    /// <summary>The run should stop before its next step (drain, pause, cancel).</summary>
    bool StopRequested { get; }

    /// <summary>The rule that <c>run_workflow</c> names, or null.</summary>
    Rule? FindRule(string name);

    /// <summary>
    /// Called after every attempt, one at a time for a run, when <paramref name="state"/> already says what is next. Whoever keeps the state can go on from it; if this
    /// throws, the attempt counts as not made, and the state must be read again.
    /// </summary>
    /// <param name="rule">The rule that runs.</param>
    /// <param name="state">The whole run.</param>
    /// <param name="attempt">What was done, for the journal.</param>
    /// <param name="mustPersist">An effect, a wait or the end: it can't share a later checkpoint.</param>
    /// <param name="cancellationToken">The run's.</param>
    ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken);
}
