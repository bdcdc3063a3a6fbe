using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Events;

/// <summary>What subscribers are told of an entry of the feed. The same entry gives the same events, with the same ids, whenever it is read.</summary>
internal static class EventRendering
{
    public const string Teller = "dox-workflow-orchestrator";

    public static IEnumerable<DoxEvent> EventsOf(FeedRow row)
    {
        if (row.Line is { } line) return Number(row.Position, EventsOf(line));
        return row.Raised is { } raised ? [EventOf(raised, new(row.Position, 0))] : [];
    }

    /// <summary>Of a journal's entry: that the run began, what became of the step, and what that meant for the run. Slots follow <paramref name="position"/>.</summary>
    public static IEnumerable<DoxEvent> Number(long position, IEnumerable<DoxEvent> events) => events.Select((e, slot) => e with { Position = new(position, slot) });

    /// <summary>Of a journal's entry, in order; their positions are the caller's to give.</summary>
    public static IEnumerable<DoxEvent> EventsOf(JournalLine line)
    {
        if (line.Sequence == 1) yield return OfRun(line, EventType.WorkflowStarted, "running", line.Run.StartedAt);
        if (line.Kind != JournalKind.Operator && line.Status != StepStatus.Waiting) yield return OfStep(line);
        if (ChangeOf(line.Before, line.RunStatus) is { } change) yield return OfRun(line, change, Snake(line.RunStatus), EndOf(line));
    }

    public static DoxEvent EventOf(Raised raised, EventPosition position) => new()
    {
        Position = position,
        Id = raised.Id,
        Type = raised.Type,
        Data = (JsonObject)JsonNode.Parse(raised.Data)!,
        Timestamp = raised.Occurred,
        Service = raised.Service,
        Account = raised.Account,
        WorkflowId = raised.WorkflowId,
        DocumentId = raised.DocumentId,
    };

    private static string? ChangeOf(RunStatus? before, RunStatus now) => now switch
    {
        _ when before == now => null,
        RunStatus.Success => EventType.WorkflowCompleted,
        RunStatus.Failed or RunStatus.Escalated => EventType.WorkflowFailed,
        RunStatus.Cancelled => EventType.WorkflowCancelled,
        RunStatus.Paused => EventType.WorkflowPaused,
        _ => before is RunStatus.Paused or RunStatus.Failed or RunStatus.Escalated ? EventType.WorkflowResumed : null,
    };

    private static DoxEvent OfRun(JournalLine line, string type, string status, DateTimeOffset at) => Of(line, type, at, new JsonObject
    {
        ["workflow_id"] = line.WorkflowId.ToString(),
        ["rule_name"] = line.Run.RuleName,
        ["service"] = line.Run.Service,
        ["status"] = status,
        ["duration_ms"] = Math.Max(0, (at - line.Run.StartedAt).TotalMilliseconds),
        ["document_id"] = line.Run.DocumentId?.ToString(),
        // What the submitter is to read, where its run came to nothing
        ["error_message"] = type == EventType.WorkflowFailed ? MessageOf(line) : null,
    });

    private static DoxEvent OfStep(JournalLine line) => Of(
        line, line.Status == StepStatus.Failed ? EventType.StepFailed : EventType.StepCompleted, EndOf(line), new JsonObject
        {
            ["workflow_id"] = line.WorkflowId.ToString(),
            ["step_name"] = line.Step,
            ["step_status"] = Snake(line.Status),
            ["error_message"] = MessageOf(line),
            ["compensation"] = line.Kind == JournalKind.Compensation,
            ["attempt"] = line.Attempt,
            ["visit"] = line.Visit,
            ["duration_ms"] = line.DurationMs,
        });

    private static string? MessageOf(JournalLine line) => line.Error is null ? null : JsonSerializer.Deserialize<StepError>(line.Error, DoxJson.Options)?.Message;

    private static DoxEvent Of(JournalLine line, string type, DateTimeOffset at, JsonObject data) => new()
    {
        Position = default,
        Id = DoxEvent.IdOf($"{line.WorkflowId}/{line.Sequence}/{type}"),
        Type = type,
        Data = data,
        Timestamp = at,
        Service = Teller,
        Account = line.Run.Account,
        WorkflowId = line.WorkflowId,
        DocumentId = line.Run.DocumentId,
        RuleName = line.Run.RuleName,
    };

    private static DateTimeOffset EndOf(JournalLine line) => line.StartedAt.AddMilliseconds(line.DurationMs);

    private static string Snake<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
