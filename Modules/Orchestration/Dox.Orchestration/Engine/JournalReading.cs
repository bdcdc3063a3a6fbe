using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine;

/// <summary>Reads what a journal says, as those who wrote it meant it.</summary>
internal static class JournalReading
{
    /// <summary>Takes a run along its journal, and lets it go on from a step.</summary>
    public static void Follow(RunTrace trace, IEnumerable<JournalEntry> journal, string from)
    {
        foreach (var entry in journal) Follow(trace, entry);
        trace.GoOnFrom(from);
    }

    /// <summary>Takes the next line in.</summary>
    /// <returns>The conditions that were looked at.</returns>
    public static IReadOnlyList<Reading> Follow(RunTrace trace, JournalEntry entry)
    {
        if (entry.Kind == JournalKind.Attempt) return trace.Follow(AttemptOf(entry));
        if (entry.Kind == JournalKind.Operator && PatchOf(entry) is { } patch) trace.Alter(patch);
        return [];
    }

    /// <summary>What an operator's act says beside who and why.</summary>
    public static JsonObject? DetailsOf(JournalEntry entry) => entry.Kind == JournalKind.Operator ? Node(entry.Input) as JsonObject : null;

    /// <summary>An attempt as it was made.</summary>
    public static StepAttempt AttemptOf(JournalEntry entry) => new()
    {
        Step = entry.Step,
        Action = entry.Action,
        Undoes = entry.Kind == JournalKind.Compensation,
        Visit = entry.Visit,
        Attempt = entry.Attempt,
        IdempotencyKey = $"{entry.WorkflowId}/{entry.Step}/{entry.Visit}{(entry.Kind == JournalKind.Compensation ? "/undo" : "")}",
        Status = entry.Status,
        Input = Node(entry.Input) as JsonObject,
        Output = Node(entry.Output),
        Error = entry.Error is null ? null : JsonSerializer.Deserialize<StepError>(entry.Error, DoxJson.Options),
        StartedAt = entry.StartedAt,
        DurationMs = entry.DurationMs,
        RuleLine = entry.RuleLine,
        Decision = entry.Decision,
        DecisionLine = entry.DecisionLine,
    };

    public static JsonNode? Node(string? json) => json is null ? null : JsonNode.Parse(json);

    private static JsonObject? PatchOf(JournalEntry entry) => (JsonObject?)DetailsOf(entry)?["patch"]?.DeepClone();
}
