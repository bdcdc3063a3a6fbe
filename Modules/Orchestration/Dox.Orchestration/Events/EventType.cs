namespace Dox.Orchestration.Events;

/// <summary>A kind of event that DOX tells subscribers of. Rules may publish others; those go to the channel <c>events</c>.</summary>
/// <param name="Name">On the wire.</param>
/// <param name="Meaning">When it is told.</param>
/// <param name="Channels">The Redis channels that it is published on.</param>
/// <param name="Data">The members of <c>event_data</c>, in order.</param>
internal sealed record EventType(string Name, string Meaning, IReadOnlyList<string> Channels, IReadOnlyList<string> Data)
{
    public const string WorkflowStarted = "workflow_started";
    public const string WorkflowCompleted = "workflow_completed";
    public const string WorkflowFailed = "workflow_failed";
    public const string WorkflowPaused = "workflow_paused";
    public const string WorkflowResumed = "workflow_resumed";
    public const string WorkflowCancelled = "workflow_cancelled";
    public const string StepCompleted = "step_completed";
    public const string StepFailed = "step_failed";
    public const string ServiceHealthChanged = "service_health_changed";
    public const string MemoryBankUpdated = "memory_bank_updated";
    public const string DocumentDeleted = "document_deleted";
    public const string BlockingIssueCreated = "blocking_issue_created";
    public const string CoordinationStarted = "team_coordination_started";
    public const string CoordinationCompleted = "team_coordination_completed";

    /// <summary>Where events go that a rule made up.</summary>
    public const string OtherChannel = "events";

    private static readonly string[] OfWorkflow = ["workflow_id", "rule_name", "service", "status", "duration_ms"];
    private static readonly string[] OfStep = ["workflow_id", "step_name", "step_status", "error_message", "compensation"];
    private static readonly string[] OfCoordination = ["coordination_id", "teams_updated", "status"];
    private static readonly string[] OfService = ["service_name", "health_status", "response_time_ms"];

    public static IReadOnlyList<EventType> All { get; } =
    [
        new(WorkflowStarted, "A run made its first step.", ["workflows", "workflows:started"], OfWorkflow),
        new(WorkflowCompleted, "A run ended with success.", ["workflows", "workflows:completed"], OfWorkflow),
        new(WorkflowFailed, "A run failed, was refused, or was given up to its team (status `escalated`).", ["workflows", "workflows:failed"], [.. OfWorkflow, "error_message"]),
        new(WorkflowPaused, "An operator holds a run.", ["workflows", "workflows:paused"], OfWorkflow),
        new(WorkflowResumed, "A paused run goes on, or an ended one was reopened.", ["workflows", "workflows:resumed"], OfWorkflow),
        new(WorkflowCancelled, "An operator ended a run.", ["workflows", "workflows:cancelled"], OfWorkflow),
        new(StepCompleted, "A step succeeded or was skipped; with `compensation: true` it was undone.", ["workflows:steps"], OfStep),
        new(StepFailed, "An attempt of a step failed, or with `compensation: true` one to undo it; the run may try it again.", ["workflows:steps"], OfStep),
        new(CoordinationStarted, "A synchronisation of the teams began.", ["coordination"], OfCoordination),
        new(CoordinationCompleted, "A synchronisation of the teams ended.", ["coordination"], OfCoordination),
        new(MemoryBankUpdated, "A memory bank's file was written; updates of a moment are told together, the execution log and the bank of events aren't told of.", ["memory_banks"], ["file_name", "update_type", "update_data"]),
        new(DocumentDeleted, "A document was deleted.", ["documents"], ["document_id", "file_hash", "deleted_by"]),
        new(ServiceHealthChanged, "A service became healthy, unhealthy, or can't be asked.", ["services"], OfService),
        new(BlockingIssueCreated, "A blocker was opened.", ["teams", "alerts"], ["issue_id", "service_name", "severity", "description"]),
        new("service_tests_completed", "The tests of a service are through. Published by rules.", ["services"], OfService),
        new("ready_for_deployment", "A service may be deployed. Published by rules.", ["services", "teams"], OfService),
        new("deployment_blocked", "A service must not be deployed. Published by rules.", ["services", "alerts"], OfService),
    ];

    private static readonly Dictionary<string, EventType> ByName = All.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public static IReadOnlyList<string> ChannelsOf(string type) => ByName.TryGetValue(type, out var known) ? known.Channels : [OtherChannel];

    /// <summary>Whether only the engine tells it: a rule that published it would say of a run what isn't so.</summary>
    public static bool IsTheEngines(string type) => type.StartsWith("workflow_", StringComparison.Ordinal) || type.StartsWith("step_", StringComparison.Ordinal);
}
