using System.Runtime.CompilerServices;
using Dox.Orchestration.Rules;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Engine;

/// <summary>What surrounds a durable run: each attempt is written down before the next begins.</summary>
internal sealed class Durably(HeldRun run, RunCheckpoints checkpoints, RuleBook rules, RunMetrics metrics, TimeSpan longestPause, Func<bool> draining) : IRunServices
{
    public TimeSpan LongestPause => longestPause;

    /// <summary>A checkpoint that begins a long wait gives the lease back: nothing may be done after it.</summary>
    public bool StopRequested => draining() || run.Intent is not null || !run.IsLeased;

    public Rule? FindRule(string name) => rules.Find(name);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken)
    {
        await checkpoints.CheckpointAsync(run, attempt, mustPersist);
        metrics.Attempted(run, attempt);
    }
}
