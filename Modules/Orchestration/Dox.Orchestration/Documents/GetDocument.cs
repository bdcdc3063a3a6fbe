using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Documents;

/// <summary>A document with what was learnt of it.</summary>
internal static class GetDocument
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Document> Id) : IQuery<DocumentView>;

    public sealed class Handler(OrchestrationDbContext db, CallContext call) : IRequestHandler<Query, DocumentView>
    {
        public async Task<DocumentView> Handle(Query query, CancellationToken cancellationToken)
        {
            var document = await db.FindVisibleAsync(query.Id, call.Caller, cancellationToken);
            return DocumentView.Of(document, await db.FindRunAsync(document.WorkflowId, cancellationToken));
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/documents/{id}", async (Id<Document> id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id), cancellationToken)))
            .WithSummary("A document: its state, its template, its fields.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone);
}
