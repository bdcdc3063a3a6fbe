using System.Security.Cryptography;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Dox.Orchestration.Documents.Pages;

/// <summary>A page of a document as it looks, with what recognition found on it.</summary>
internal static class GetDocumentPage
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Document> Id, int Page) : IQuery<Result>;

    public sealed record Result(byte[] Svg);

    public sealed class Handler(OrchestrationDbContext db, PagePictures pictures, IMediator mediator, CallContext call) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var document = (await db.FindReadableAsync(query.Id, call.Caller, cancellationToken)).Ref;
            var view = query.Page < 1 ? null : await mediator.Send(new ShowPage(document, query.Page), cancellationToken);
            if (view is null || (view.PageCount > 0 && query.Page > view.PageCount) || (view.PageCount == 0 && query.Page > 1))
                throw new DoxException(404, "page_not_found", $"The document has no page {query.Page}{(view is { PageCount: > 0 } ? $"; it has {view.PageCount}" : "")}.");
            return new(PageDrawing.Draw(view, query.Page, await pictures.DrawAsync(document, query.Page, cancellationToken)));
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/documents/{id}/pages/{page:int}.svg", async (Id<Document> id, int page, IMediator mediator, HttpResponse response, CancellationToken cancellationToken) =>
            {
                var svg = (await mediator.Send(new Query(id, page), cancellationToken)).Svg;
                // Made of somebody else's file: it may show its own picture, and nothing else
                response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; img-src data:";
                response.Headers.CacheControl = "private, no-cache";
                return TypedResults.Bytes(svg, "image/svg+xml", entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(svg))[..32]}\""));
            })
            .WithSummary("A page of a document as SVG: its picture, or its words, and over it what recognition found.")
            .Produces(StatusCodes.Status200OK, contentType: "image/svg+xml")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status410Gone)
            .ProducesProblem(StatusCodes.Status409Conflict);
}
