using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Simulation;

/// <summary>A simulated run for people and programs.</summary>
/// <param name="RuleName">The rule.</param>
/// <param name="RuleVersion">Its version.</param>
/// <param name="State">As a run's status is written: <c>success</c>, <c>waiting_for_human</c>….</param>
/// <param name="WaitsAt">The step that waits.</param>
/// <param name="Path">The steps that were begun, once for each visit.</param>
/// <param name="Decisions">Each attempt with why the run went on as it did.</param>
/// <param name="Outputs">What the rule returned.</param>
/// <param name="Error">Why it failed.</param>
/// <param name="Unknown">The step before which it stopped, for nobody knew its outcome.</param>
/// <param name="ElapsedSeconds">The time that passed in the run.</param>
public sealed record SimulationReport(
    string RuleName, string RuleVersion, string State, string? WaitsAt, IReadOnlyList<string> Path, IReadOnlyList<SimulatedDecision> Decisions, JsonNode? Outputs, RunError? Error,
    SimulatedCall? Unknown, double ElapsedSeconds)
{
    /// <summary>The report of a run.</summary>
    public static SimulationReport Of(SimulationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var state = result.State;
        return new(
            state.RuleName, state.RuleVersion, result.Unknown is null ? Snake(state.Status) : "unknown", state.Waits.FirstOrDefault()?.Step, result.Path,
            [.. result.Attempts.Select(attempt => new SimulatedDecision(
                attempt.Step, attempt.Action, attempt.Visit, attempt.Attempt, Snake(attempt.Status), attempt.Decision, attempt.DecisionLine ?? attempt.RuleLine, attempt.Input, attempt.Output, attempt.Error))],
            state.Output, state.Error, result.Unknown, result.Elapsed.TotalSeconds);
    }

    private static string Snake<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

/// <summary>One attempt of a simulated run.</summary>
/// <param name="Step">The step.</param>
/// <param name="Action">Its action.</param>
/// <param name="Visit">Its visit, from 1.</param>
/// <param name="Attempt">The attempt within the visit, from 1.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Decision">Why the run went on as it did.</param>
/// <param name="Line">The line of the rule that decided it.</param>
/// <param name="Input">What it was given.</param>
/// <param name="Output">What it returned.</param>
/// <param name="Error">Why it failed.</param>
public sealed record SimulatedDecision(
    string Step, string Action, int Visit, int Attempt, string Status, string? Decision, int Line, JsonObject? Input, JsonNode? Output, StepError? Error);
