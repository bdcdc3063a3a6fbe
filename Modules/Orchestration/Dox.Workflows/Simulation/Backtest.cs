using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;

namespace Dox.Workflows.Simulation;

/// <summary>What a run came to.</summary>
/// <param name="State">As a run's status is written.</param>
/// <param name="WaitsAt">The step that waits.</param>
/// <param name="ErrorCode">Why it failed.</param>
public sealed record RunOutcome(string State, string? WaitsAt, string? ErrorCode)
{
    /// <summary>The outcome of a run that stands as it does.</summary>
    public static RunOutcome Of(RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new(JsonNamingPolicy.SnakeCaseLower.ConvertName(state.Status.ToString()), state.Waits.FirstOrDefault()?.Step, state.Error?.Code);
    }
}

/// <summary>A run that was.</summary>
/// <param name="State">Where it ended.</param>
/// <param name="Journal">Its attempts, answers and steps passed over, in their order.</param>
public sealed record RecordedRun(RunState State, IReadOnlyList<StepAttempt> Journal);

/// <summary>How a run compares under another version of its rule.</summary>
public enum BacktestVerdict
{
    /// <summary>It comes to the same.</summary>
    Same,

    /// <summary>It comes to something else.</summary>
    Flipped,

    /// <summary>It comes to a step of which nobody knows what would come of it.</summary>
    Unknown,
}

/// <summary>A run under two versions of its rule.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Verdict">How they compare.</param>
/// <param name="Before">What it came to.</param>
/// <param name="After">What it would come to; null when that isn't known.</param>
/// <param name="ChangedOutputs">The keys of the output that differ.</param>
/// <param name="DecidedBy">The first point at which the two part; in the new version, with its line.</param>
/// <param name="UnknownStep">The step whose outcome isn't known, and its line.</param>
public sealed record BacktestResult(
    string RunId, BacktestVerdict Verdict, RunOutcome Before, RunOutcome? After, IReadOnlyList<string> ChangedOutputs, DecidingLine? DecidedBy, DecidingLine? UnknownStep);

/// <summary>The line of a rule that decides.</summary>
/// <param name="Step">The step that stands there.</param>
/// <param name="Line">1-based.</param>
/// <param name="Decision">What was decided there; of the earlier version what was decided instead stands in <paramref name="Instead"/>.</param>
/// <param name="Instead">What the earlier version decided.</param>
public sealed record DecidingLine(string Step, int Line, string? Decision, string? Instead);

/// <summary>
/// Compares two versions of a rule over runs that were, without any effect: what was journalled for the same action and parameters is used again,
/// what only computes is computed, and the rest is unknown.
/// </summary>
/// <param name="candidate">Simulates the new version.</param>
/// <param name="baseline">Simulates the version to compare with; null: what the run really came to.</param>
public sealed class Backtest(RuleSimulator candidate, RuleSimulator? baseline = null)
{
    /// <summary>Compares one run.</summary>
    /// <param name="rule">The rule's name.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="KeyNotFoundException">There is no such rule.</exception>
    /// <exception cref="TimeoutException">A simulation took too long.</exception>
    public async Task<BacktestResult> CompareAsync(string rule, RecordedRun run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var (state, journal) = (run.State, run.Journal);
        if (baseline is not null)
        {
            var simulated = await SimulateAsync(baseline, rule, run, cancellationToken);
            if (simulated.Unknown is { } lacking) return new(run.State.RunId, BacktestVerdict.Unknown, RunOutcome.Of(run.State), null, [], null, LineOf(lacking));
            (state, journal) = (simulated.State, simulated.Attempts);
        }

        var before = RunOutcome.Of(state);
        var result = await SimulateAsync(candidate, rule, run, cancellationToken);
        if (result.Unknown is { } unknown) return new(state.RunId, BacktestVerdict.Unknown, before, null, [], PartingOf(journal, result.Attempts), LineOf(unknown));
        var after = RunOutcome.Of(result.State);
        // Somebody was asked there, and something else: what the answer to this question would be isn't known
        if (after.WaitsAt is { } waits && run.Journal.Any(entry => entry.Step == waits && entry.Status == StepStatus.Waiting))
            return new(state.RunId, BacktestVerdict.Unknown, before, null, [], PartingOf(journal, result.Attempts), LineOf(result.Attempts.Last(entry => entry.Step == waits), null));
        var changed = ChangedKeys(state.Output, result.State.Output);
        if (before == after && changed.Count == 0) return new(state.RunId, BacktestVerdict.Same, before, after, [], null, null);
        return new(state.RunId, BacktestVerdict.Flipped, before, after, changed, PartingOf(journal, result.Attempts), null);
    }

    private static Task<SimulationResult> SimulateAsync(RuleSimulator simulator, string rule, RecordedRun run, CancellationToken cancellationToken) => simulator.RunAsync(
        rule, new SimulationStart(run.State.Input, run.State.Facts, run.State.StartedAt, run.State.RunId), new JournalScript(run.Journal), cancellationToken);

    private static DecidingLine LineOf(SimulatedCall call) => new(call.Path, call.Line, null, null);

    // Delays and retries are told in decisions too: only where the runs go on elsewhere do they part
    private static DecidingLine? PartingOf(IReadOnlyList<StepAttempt> before, IReadOnlyList<StepAttempt> after)
    {
        var shared = Math.Min(before.Count, after.Count);
        for (var i = 0; i < shared; i++)
        {
            if (before[i].Step != after[i].Step) return i == 0 ? LineOf(after[0], null) : LineOf(after[i - 1], before[i - 1]);
            if (before[i].Decision != after[i].Decision || before[i].Status != after[i].Status) return LineOf(after[i], before[i]);
        }

        return after.Count == 0 ? null : LineOf(after[Math.Max(0, Math.Min(shared, after.Count) - 1)], shared > 0 ? before[shared - 1] : null);
    }

    private static DecidingLine LineOf(StepAttempt attempt, StepAttempt? instead) => new(attempt.Step, attempt.DecisionLine ?? attempt.RuleLine, attempt.Decision, instead?.Decision);

    private static List<string> ChangedKeys(JsonNode? before, JsonNode? after)
    {
        if (before is not JsonObject left || after is not JsonObject right) return JsonNode.DeepEquals(before, after) || before is null || after is null ? [] : ["output"];
        return [.. left.Select(entry => entry.Key).Union(right.Select(entry => entry.Key), StringComparer.Ordinal).Where(key => !JsonNode.DeepEquals(left[key], right[key])).Order(StringComparer.Ordinal)];
    }
}
