using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Contracts;
using Dox.TemplateMatching.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Documents;

/// <summary>All that a decision about a document can rest on, in one answer: what its review page shows.</summary>
internal static class GetDashboard
{
    [Requires(Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Document> Id) : IQuery<Result>;

    /// <param name="Document">With its fields.</param>
    /// <param name="WorkflowStatus">The state of the run that it came in with, or <c>expired</c>.</param>
    /// <param name="CurrentStep">Where that run stands; null where it ended.</param>
    /// <param name="Recognition">With its candidates and evidence; null where it wasn't recognised.</param>
    /// <param name="Reviews">What people were asked about it, the newest first.</param>
    /// <param name="FirstPage">Where its first page is drawn, with what recognition found on it; the others have their numbers there.</param>
    /// <param name="Unavailable">Modules that can't be asked now: what they know is missing here.</param>
    public sealed record Result(
        bool Success, Id<Document> DocumentId, DocumentView Document, Id<Workflow> WorkflowId, string WorkflowStatus, string? CurrentStep, RecognitionRecord? Recognition,
        IReadOnlyList<DocumentReview> Reviews, string FirstPage, IReadOnlyList<string> Unavailable, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, IMediator mediator, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var document = await db.FindVisibleAsync(query.Id, call.Caller, cancellationToken);
            var run = await db.FindRunAsync(document.WorkflowId, cancellationToken);
            var unavailable = new List<string>();
            var recognition = await AskAsync("TemplateMatching", new FindRecognition(document.Id), unavailable, cancellationToken);
            var reviews = await AskAsync("TeamCoordination", new ListDocumentReviews(document.Id), unavailable, cancellationToken);
            return new(
                true, document.Id, DocumentView.Of(document, run), document.WorkflowId,
                run is null ? "expired" : System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Status.ToString()), run?.CurrentStep, recognition?.Recognition,
                reviews?.Reviews ?? [], $"/api/v1/documents/{document.Id}/pages/1.svg", unavailable, clock.GetUtcNow());
        }

        private async Task<TAnswer?> AskAsync<TAnswer>(string module, IQuery<TAnswer> question, List<string> unavailable, CancellationToken cancellationToken)
            where TAnswer : class
        {
            try
            {
                return await mediator.Send(question, cancellationToken);
            }
            catch (DoxException e) when (e.Status is 503 or 504)
            {
                unavailable.Add(module);
                return null;
            }
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/collaboration/dashboard/{document_id}", async (Id<Document> document_id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(document_id), cancellationToken)))
            .WithSummary("All that a decision about a document can rest on: the document, its run, its recognition, its reviews.")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone);
}
