using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Contracts;
using MediatR;

namespace Dox.Orchestration.Events;

/// <summary>What TeamCoordination tells goes into the feed, for subscribers. The platform's own: no account's.</summary>
internal sealed class TellForeignEvents(OrchestrationDbContext db, EventWindow window, CallContext call)
    : INotificationHandler<BlockerOpened>, INotificationHandler<MemoryBankWritten>, INotificationHandler<TeamsSynchronized>
{
    private const int LongestDescription = 4000;

    public Task Handle(BlockerOpened happened, CancellationToken cancellationToken) => TellAsync(
        EventType.BlockingIssueCreated, $"blocker {happened.BlockerId}", happened.Service, happened.At, new JsonObject
        {
            ["issue_id"] = happened.BlockerId.ToString(),
            ["service_name"] = happened.Service,
            ["severity"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(happened.Severity.ToString()),
            ["description"] = happened.Description.Length > LongestDescription ? happened.Description[..LongestDescription] : happened.Description,
            ["title"] = happened.Title,
            ["team"] = happened.Team,
            ["workflow_id"] = happened.WorkflowId?.ToString(),
        },
        cancellationToken);

    public Task Handle(MemoryBankWritten happened, CancellationToken cancellationToken) => TellAsync(
        EventType.MemoryBankUpdated, $"bank {happened.File} {happened.Source} {happened.Batch}", EventRendering.Teller, happened.At, new JsonObject
        {
            ["file_name"] = happened.File,
            ["update_type"] = "merge",
            ["update_data"] = new JsonObject { ["batch"] = happened.Batch, ["updates"] = happened.Updates, ["keys"] = new JsonArray([.. happened.Keys.Select(key => (JsonNode?)key)]) },
        },
        cancellationToken);

    public async Task Handle(TeamsSynchronized happened, CancellationToken cancellationToken)
    {
        Raise(EventType.CoordinationStarted, $"started {happened.SyncId}", EventRendering.Teller, happened.Began, DataOf(happened, "started"));
        await TellAsync(EventType.CoordinationCompleted, $"completed {happened.SyncId}", EventRendering.Teller, happened.Ended, DataOf(happened, "completed"), cancellationToken);
    }

    private static JsonObject DataOf(TeamsSynchronized sync, string status) =>
        new() { ["coordination_id"] = sync.SyncId, ["teams_updated"] = sync.TeamsUpdated, ["status"] = status };

    private async Task TellAsync(string type, string what, string service, DateTimeOffset at, JsonObject data, CancellationToken cancellationToken)
    {
        Raise(type, what, service, at, data);
        db.AfterCommit(window.Hurry);
        await db.SaveChangesAsync(cancellationToken);
    }

    private JsonObject WithDepth(JsonObject data)
    {
        data[Causation.EventMember] = call.Caller.Depth;
        return data;
    }

    // The inbox lets each come once; the id follows from what it tells of all the same, so that a subscriber knows a repeat after a restore
    private void Raise(string type, string what, string service, DateTimeOffset at, JsonObject data) => db.RaisedEvents.Add(new RaisedEvent
    {
        EventId = DoxEvent.IdOf(what),
        Bucket = Bucket.Of(Caller.System.Account),
        Type = type,
        Data = WithDepth(data).ToJsonString(DoxJson.Options),
        Service = service,
        Occurred = at,
    });
}
