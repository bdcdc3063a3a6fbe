using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Simulation;

/// <summary>What comes of the steps of a simulated run: mocks that somebody wrote, or the journal of a run that was.</summary>
public interface ISimulationScript
{
    /// <summary>What comes of this attempt; null: it isn't known, and the simulation stops before it.</summary>
    StepOutcome? OutcomeOf(SimulatedCall attempt);

    /// <summary>Who ends this wait, and how; null: nobody. A timer, and a wait that may time out, then ends by the clock.</summary>
    SimulatedAnswer? AnswerTo(Wait wait);

    /// <summary>When the visit of the step begins, where that is known; time moves there before it.</summary>
    DateTimeOffset? BeginOf(string stepName, int visit) => null;
}

/// <summary>An attempt that the simulation doesn't make itself.</summary>
/// <param name="Path">The step's name; in a rule that runs inside a step, both with a slash between.</param>
/// <param name="Step">The step's name.</param>
/// <param name="Action">Its action.</param>
/// <param name="Visit">Its visit, from 1.</param>
/// <param name="Attempt">The attempt within the visit, from 1.</param>
/// <param name="Parameters">What it is given.</param>
/// <param name="Line">The step's line in its rule.</param>
public sealed record SimulatedCall(string Path, string Step, string Action, int Visit, int Attempt, JsonObject Parameters, int Line);

/// <summary>An answer to a wait.</summary>
/// <param name="Decision">What was decided.</param>
/// <param name="Result">The step's result.</param>
/// <param name="Reason">Why.</param>
/// <param name="After">The time that passes before it comes.</param>
public sealed record SimulatedAnswer(WaitDecision Decision, JsonObject? Result = null, string? Reason = null, TimeSpan After = default);
