using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Dox.Orchestration.Workflows.Explaining;

/// <summary>An explanation to read.</summary>
internal static class ExplanationText
{
    private const int LongestValue = 120;

    public static string Of(ExplainWorkflow.Result run)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{run.WorkflowId}: {run.RuleName} {run.RuleVersion} is {run.Status}\n{run.Summary}\n");
        text.Append(CultureInfo.InvariantCulture, $"Started {Time(run.StartTime)} by {run.StartedBy}, account {run.Account}{(run.Trigger is null ? "" : $" ({run.Trigger})")}");
        text.Append(run.EndTime is { } end ? string.Create(CultureInfo.InvariantCulture, $", ended {Time(end)}.\n") : ".\n");
        if (run.ReplayOf is not null) text.Append(CultureInfo.InvariantCulture, $"It replays {run.ReplayOf}, and has that one's results of the steps before.\n");
        text.Append('\n');
        foreach (var turn in run.Turns) Append(text, turn);
        if (run.Truncated) text.Append("… and more; the history has all of it.\n");
        return text.ToString();
    }

    private static void Append(StringBuilder text, Turn turn)
    {
        text.Append(CultureInfo.InvariantCulture, $"{turn.Sequence,3}. {Time(turn.At)}  ");
        if (turn.Kind == "operator")
        {
            text.Append(CultureInfo.InvariantCulture, $"{turn.By} {turn.What}{(turn.Reason is null ? "" : $": {turn.Reason}")}\n");
            if (turn.Details?["patch"] is { } patch) text.Append(CultureInfo.InvariantCulture, $"       {Short(patch)}; before: {Short(turn.Details["before"])}\n");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"'{turn.Step}' {turn.What}{(turn.Visit > 1 ? $" (visit {turn.Visit})" : "")}\n");
            if (turn.Rule is { } rule) text.Append(CultureInfo.InvariantCulture, $"       line {rule.Line}: {rule.Text}\n");
            if (turn.Reason is not null) text.Append(CultureInfo.InvariantCulture, $"       because: {turn.Reason}\n");
        }

        foreach (var condition in turn.Conditions)
        {
            var values = string.Join(", ", condition.Values.Select(value => $"{value.Key} = {Short(value.Value)}"));
            text.Append(CultureInfo.InvariantCulture, $"       line {condition.Line}: {condition.Expression} is {condition.Holds switch { true => "true", false => "false", _ => "no value" }}");
            text.Append(values.Length == 0 ? "\n" : $", with {values}\n");
        }

        if (turn.Decision is { } decision && decision != turn.Reason) text.Append(CultureInfo.InvariantCulture, $"       so: {decision}{(turn.DecidedBy is { } by ? $" (line {by.Line}: {by.Text})" : "")}\n");
    }

    private static string Short(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length <= LongestValue ? text : text[..LongestValue] + "…";
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
