using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Dox.Orchestration.Documents;

/// <summary>A document's bytes, as they were sent.</summary>
internal static class GetDocumentContent
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Document> Id) : IQuery<Content>;

    public sealed record Content(Stream Body, string MediaType, string FileName, string Sha256);

    public sealed class Handler(OrchestrationDbContext db, IContentStore content, CallContext call) : IRequestHandler<Query, Content>
    {
        public async Task<Content> Handle(Query query, CancellationToken cancellationToken)
        {
            var document = await db.FindReadableAsync(query.Id, call.Caller, cancellationToken);
            return new(await content.OpenAsync(document.Sha256, cancellationToken), document.MediaType, document.FileName, document.Sha256);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/documents/{id}/content", async (Id<Document> id, IMediator mediator, HttpResponse response, CancellationToken cancellationToken) =>
            {
                var content = await mediator.Send(new Query(id), cancellationToken);
                // Somebody else's file: a browser may save it, and neither run nor guess at it.
                response.Headers.XContentTypeOptions = "nosniff";
                response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
                return TypedResults.Stream(content.Body, content.MediaType, content.FileName, entityTag: new EntityTagHeaderValue($"\"{content.Sha256}\""), enableRangeProcessing: true);
            })
            .WithSummary("A document's bytes, as they were sent; ranges are answered.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone)
            .ProducesProblem(StatusCodes.Status409Conflict);
}
