using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel;
using Dox.SharedKernel.Ids;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Workflows;

/// <summary>A step's result, as clients read it.</summary>
internal sealed record StepView(string Status, double DurationMs, int Attempts, int Visit, JsonNode? Output, JsonNode? Error)
{
    public static string Name(StepStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());

    public static StepView Of(StepResult step) => new(
        Name(step.Status), step.DurationMs, step.Attempts, step.Visit, step.Output,
        JsonSerializer.SerializeToNode(step.Error, DoxJson.Options));
}

/// <summary>A run with its steps; the fields that earlier clients rely on, and ours.</summary>
internal sealed record WorkflowView(
    bool Success, Id<Workflow> WorkflowId, string RuleName, string RuleVersion, string Service, string Status, string? CurrentStep, DateTimeOffset StartTime,
    DateTimeOffset UpdatedAt, DateTimeOffset? EndTime, bool Completed, int StepsCompleted, IReadOnlyDictionary<string, StepView> StepResults, JsonNode? Context,
    JsonNode? WaitingFor, IReadOnlyList<JsonNode?> Waits, JsonNode? Error, JsonNode? Output, Id<Document>? DocumentId, int Recoveries, DateTimeOffset Timestamp)
{
    /// <summary>Of a run that ended: the states that it was in, the first one first.</summary>
    public IReadOnlyList<PastState>? StateHistory { get; init; }

    public static WorkflowView Of(RunRow run, DateTimeOffset now)
    {
        var state = RunStateJson.Read(run.State);
        return new(
            true, run.Id, run.RuleName, run.RuleVersion, run.Service, JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()), run.CurrentStep,
            run.StartedAt, run.UpdatedAt, (run as EndedRun)?.EndedAt, run is EndedRun, state.Steps.Values.Count(s => s.Status == StepStatus.Success),
            state.StepsByPath.ToDictionary(s => s.Path, s => StepView.Of(s.Result), StringComparer.Ordinal), Node(state.Context), Node(state.Waits.FirstOrDefault()),
            [.. state.Waits.Select(Node)], Node(state.Error),
            state.Output, run.DocumentId, run.Recoveries, now);
    }

    private static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, DoxJson.Options);
}

/// <summary>A state that a run came to.</summary>
/// <param name="State">The state.</param>
/// <param name="Timestamp">Since when, UTC.</param>
/// <param name="Reason">Why, where the rule, an error or an operator gave a reason.</param>
internal sealed record PastState(string State, DateTimeOffset Timestamp, string? Reason);

/// <summary>A run in a list.</summary>
internal sealed record WorkflowSummary(
    Id<Workflow> WorkflowId, string RuleName, string Status, string Service, DateTimeOffset StartTime, DateTimeOffset UpdatedAt, double DurationSeconds,
    bool Active, bool Completed, string? CurrentStep, Id<Document>? DocumentId, string? Error)
{
    public static WorkflowSummary Of(RunRow run, DateTimeOffset now) => new(
        run.Id, run.RuleName, JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()), run.Service, run.StartedAt, run.UpdatedAt,
        (((run as EndedRun)?.EndedAt ?? now) - run.StartedAt).TotalSeconds, run is OpenRun, run is EndedRun, run.CurrentStep, run.DocumentId, run.Error);
}
