using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Interpretation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Documents;

/// <summary>Where a document stands, in a few words: what a submitter polls.</summary>
internal static class GetDocumentStatus
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Document> Id) : IQuery<Status>;

    /// <param name="State">See <see cref="DocumentView.StatusOf"/>; written as <c>status</c>.</param>
    public sealed record Status(
        bool Success, Id<Document> DocumentId, [property: System.Text.Json.Serialization.JsonPropertyName("status")] string State, bool AtRest, Id<Workflow> WorkflowId, string WorkflowStatus, string? CurrentStep,
        string? TemplateId, double? Confidence, string? Reason, JsonNode? WaitingFor, DateTimeOffset UpdatedAt, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Query, Status>
    {
        public async Task<Status> Handle(Query query, CancellationToken cancellationToken)
        {
            var document = await db.FindVisibleAsync(query.Id, call.Caller, cancellationToken);
            var run = await db.FindRunAsync(document.WorkflowId, cancellationToken);
            var state = run is null ? null : RunStateJson.Read(run.State);
            return new(
                true, document.Id, DocumentView.StatusOf(document, run), run is null or EndedRun or { Status: RunStatus.WaitingForHuman }, document.WorkflowId,
                run is null ? "expired" : JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()), run?.CurrentStep, document.TemplateId, document.Confidence,
                run?.Error ?? (string?)state?.Wait?.Data?["message"],
                state?.Wait is { } wait ? JsonSerializer.SerializeToNode(new { wait.Kind, wait.Step, wait.Since, wait.Data }, DoxJson.Options) : null,
                run?.UpdatedAt ?? document.Created, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/documents/{id}/status", async (Id<Document> id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id), cancellationToken)))
            .WithSummary("Where a document stands.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone);
}
