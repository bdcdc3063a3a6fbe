using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Simulation;

/// <summary>What a simulated run did.</summary>
/// <param name="Rule">The rule that ran.</param>
/// <param name="State">Where it ended, or stopped.</param>
/// <param name="Attempts">Each attempt, answer and step passed over, in order, as the journal of a real run would have them.</param>
/// <param name="Calls">The attempts whose outcome came from the script, those of rules that ran inside steps among them.</param>
/// <param name="Unknown">The attempt that nobody knew the outcome of; the simulation stopped before it.</param>
/// <param name="Elapsed">The time that passed in the run.</param>
public sealed record SimulationResult(
    Rule Rule, RunState State, IReadOnlyList<StepAttempt> Attempts, IReadOnlyList<SimulatedCall> Calls, SimulatedCall? Unknown, TimeSpan Elapsed)
{
    /// <summary>The steps that were begun, once for each visit, without those that were passed over.</summary>
    public IReadOnlyList<string> Path { get; } =
        [.. Attempts.Where(attempt => attempt.Status != StepStatus.Skipped || attempt.Error is not null).DistinctBy(attempt => (attempt.Step, attempt.Visit)).Select(attempt => attempt.Step)];
}
