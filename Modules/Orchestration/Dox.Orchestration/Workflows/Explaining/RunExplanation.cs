using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Workflows.Explaining;

/// <summary>A line of a rule.</summary>
internal sealed record RuleLine(int Line, string Text);

/// <summary>A condition that was looked at.</summary>
/// <param name="Holds">Null: it couldn't be evaluated.</param>
/// <param name="Values">What it read, by path.</param>
/// <param name="Leads">Where it leads when it holds.</param>
internal sealed record ConditionView(string Expression, int Line, bool? Holds, IReadOnlyDictionary<string, JsonNode?> Values, string? Leads);

/// <summary>One turn of a run: an attempt and where it led, a wait that was answered, or an operator's act.</summary>
/// <param name="Kind"><c>attempt</c>, <c>answer</c>, <c>compensation</c> or <c>operator</c>.</param>
/// <param name="What">In words.</param>
/// <param name="By">Who answered, or whose act it was.</param>
internal sealed record Turn(
    int Sequence, DateTimeOffset At, string Kind, string? Step, string What, string? Action, int Visit, int Attempt, string? Status, double DurationMs, RuleLine? Rule,
    IReadOnlyList<ConditionView> Conditions, string? Decision, RuleLine? DecidedBy, string? ErrorCode, string? Error, string? By, string? Reason, JsonNode? Details);

/// <summary>Tells from a run's row and its journal why it is where it is.</summary>
internal sealed class RunExplanation(Rule rule, RunState state, IReadOnlyList<JournalEntry> journal)
{
    private const int LongestLine = 200;

    private readonly string[] _lines = rule.Source.Split('\n');

    public IReadOnlyList<Turn> Turns()
    {
        var start = RunState.Start(rule, state.RunId, state.Input?.DeepClone(), state.StartedAt, (JsonObject?)state.Facts?.DeepClone());
        var trace = new RunTrace(rule, start);
        Inherit(start);
        return [.. journal.Select(entry => Turn(entry, JournalReading.Follow(trace, entry)))];
    }

    /// <summary>In a sentence or two.</summary>
    public string Summary()
    {
        var last = journal.LastOrDefault(entry => entry.Kind == JournalKind.Operator);
        var error = state.Error is null ? "" : $" at '{state.Error.Step}': {state.Error.Message} ({state.Error.Code})";
        return state.Status switch
        {
            RunStatus.Success => $"It succeeded after {Count(journal.Count(e => e.Kind == JournalKind.Attempt), "attempt")}; the last step was '{LastStep()}'.",
            RunStatus.Failed => $"It failed{error}.{(state.IsUndone ? " What it had done was undone." : "")}",
            RunStatus.Escalated => $"It was given up to the team {state.Facts?["team"]}{error}.",
            RunStatus.Cancelled => $"It was cancelled: {Ended(state.Error?.Message)}{(state.IsUndone ? " What it had done was undone first." : "")}",
            RunStatus.Paused => $"{Paused(last)} It stands at '{state.Cursor}'{(state.Waits.Any() ? $", where {Waiting()}" : "")}, and goes on once it is resumed.",
            RunStatus.Retry => $"'{state.Cursor}' failed{(state.Error is null ? "" : $": {state.Error.Message} ({state.Error.Code})")}, and is tried again{At(state.WakeAt)}.",
            RunStatus.Waiting or RunStatus.WaitingForHuman => $"It stands at '{state.Cursor}', where {Waiting()}.",
            RunStatus.Pending => $"It hasn't begun; '{state.Cursor}' is its first step.",
            _ when state.RollingBack => $"It is undoing what it did{error}.",
            _ => $"It is running; it stands at '{state.Cursor}'.",
        };
    }

    /// <summary>A run that replays another one begins with what that one had.</summary>
    private void Inherit(RunState start)
    {
        var known = journal.Where(e => e.Kind == JournalKind.Attempt).Select(e => e.Step).ToHashSet(StringComparer.Ordinal);
        if (state.Facts?["replay_of"] is null) return;
        foreach (var (name, value) in state.Context) start.Context[name] = value?.DeepClone();
        foreach (var (name, result) in state.Steps.Where(step => !known.Contains(step.Key))) start.Steps[name] = result;
    }

    private Turn Turn(JournalEntry entry, IReadOnlyList<Reading> readings)
    {
        if (entry.Kind == JournalKind.Operator)
        {
            return new(
                entry.Sequence, entry.StartedAt, "operator", entry.Step.Length == 0 ? null : entry.Step, Act(entry), entry.Action, 0, 0, null, 0, null, [], Decided(entry), null, null, null,
                entry.Actor, entry.Decision, JournalReading.DetailsOf(entry));
        }

        var attempt = JournalReading.AttemptOf(entry);
        var answeredBy = (string?)attempt.Input?["decided_by"];
        return new(
            entry.Sequence, entry.StartedAt, attempt.Undoes ? "compensation" : answeredBy is null ? "attempt" : "answer", entry.Step, What(attempt, answeredBy), entry.Action, entry.Visit, entry.Attempt, StepView.Name(entry.Status),
            entry.DurationMs, Line(entry.RuleLine),
            [.. readings.Select(r => new ConditionView(r.Expression, r.Line, r.Holds, r.Values, r.Leads))],
            entry.Decision, entry.DecisionLine is { } line && line != entry.RuleLine ? Line(line) : null, attempt.Error?.Code, attempt.Error?.Message, answeredBy,
            answeredBy is null ? null : (string?)attempt.Input?["reason"], attempt.Error?.Details);
    }

    private static string What(StepAttempt attempt, string? answeredBy)
    {
        if (answeredBy is not null) return $"{answeredBy} answered: {attempt.Input!["decision"] ?? "done"}";
        if (attempt.Undoes) return attempt.Error is { } trouble ? $"couldn't be undone: {trouble.Message} ({trouble.Code})" : "was undone";
        var which = attempt.Attempt > 1 ? $" at attempt {attempt.Attempt}" : "";
        return attempt.Status switch
        {
            StepStatus.Success => $"succeeded{which}",
            StepStatus.Failed => $"failed{which}: {attempt.Error?.Message} ({attempt.Error?.Code})",
            StepStatus.Skipped => "was skipped",
            StepStatus.Waiting => attempt.Error is null ? "began to wait" : $"failed{which}: {attempt.Error.Message} ({attempt.Error.Code}), and waits",
            _ => "was cancelled",
        };
    }

    private static string Act(JournalEntry entry) => entry.Action switch
    {
        "pause" => "paused the run",
        "resume" => "let the run go on",
        "cancel" => "cancelled the run",
        "retry" => "had the failed step tried once more",
        "skip" => $"skipped '{entry.Step}'",
        "signal" => $"gave the run the event '{JournalReading.DetailsOf(entry)?["event"]}'",
        "context" => "changed the run's context",
        _ => entry.Action,
    };

    private static string? Decided(JournalEntry entry) => (string?)JournalReading.DetailsOf(entry)?["decision"];

    private RuleLine? Line(int line)
    {
        if (line < 1 || line > _lines.Length) return null;
        var text = _lines[line - 1].Trim();
        return new(line, text.Length <= LongestLine ? text : text[..LongestLine] + "…");
    }

    private string LastStep() => journal.LastOrDefault(e => e.Kind == JournalKind.Attempt)?.Step ?? "";

    private string Waiting() => string.Join("; and ", state.Waits.Select(wait => wait.Kind switch
    {
        WaitKind.Human => $"the team {wait.Data?["team"] ?? state.Facts?["team"]} is to decide '{wait.Data?["subject"] ?? wait.Step}' since {Time(wait.Since)}",
        WaitKind.Event => $"it waits for the event '{wait.Data?["event"]}' since {Time(wait.Since)}",
        WaitKind.Timer => $"it waits{At(state.WakeAt)}",
        WaitKind.Workflow => $"it waits for the run {wait.Data?["workflow_id"]} that it started",
        _ => $"it waits for what isn't there: {wait.Data?.ToJsonString() ?? "an absent part"}",
    }).DefaultIfEmpty("it waits"));

    private static string Paused(JournalEntry? last) =>
        last is { Action: "pause" } ? Ended($"It was paused by {last.Actor} at {Time(last.StartedAt)}{(last.Decision is null ? "" : $": {last.Decision}")}") : "It is paused.";

    /// <summary>With a full stop, where its author didn't set one.</summary>
    private static string Ended(string? text) => text is null or "" ? "." : text[^1] is '.' or '!' or '?' ? text : text + ".";

    private static string At(DateTimeOffset? time) => time is null ? "" : $" until {Time(time.Value)}";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
