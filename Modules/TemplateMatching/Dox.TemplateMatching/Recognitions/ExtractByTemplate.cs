using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Infrastructure.Http.Uploads;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Templates;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>What a template's fields say in a document or a file, whatever it was recognised as. Records nothing, and keeps no file.</summary>
internal static class ExtractByTemplate
{
    /// <param name="TemplateId">The template.</param>
    /// <param name="DocumentId">A document that was recognised before: this module knows no others; or</param>
    /// <param name="Staged">a file that was checked.</param>
    [Requires(Role.Submitter)]
    internal sealed record Query(string TemplateId, Id<Document>? DocumentId, DocumentRef? Staged = null) : IQuery<ExtractionResult>;

    /// <param name="DocumentId">A document that was recognised before.</param>
    internal sealed record Body(Id<Document> DocumentId);

    internal sealed class Handler(TemplateMatchingDbContext db, DocumentTexts texts, TemplateCatalog catalog, CallContext call) : IRequestHandler<Query, ExtractionResult>
    {
        public async Task<ExtractionResult> Handle(Query query, CancellationToken cancellationToken)
        {
            await catalog.FreshAsync(cancellationToken);
            var template = catalog.Get(query.TemplateId);
            if (query.Staged is { } staged) return ExtractFieldsHandler.Extract(template, await texts.ReadStagedAsync(staged, isOptical: true, cancellationToken));
            var known = await db.Recognitions.LatestOfAsync(query.DocumentId!.Value, cancellationToken);
            if (known is null || !call.Caller.Sees(known.Account)) throw DoxException.NotFound("document", query.DocumentId.Value.ToString());
            return ExtractFieldsHandler.Extract(template, await texts.ReadAsync(known.Document, cancellationToken));
        }
    }

    // Two kinds of bodies at one address: a document that is here, or a file
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/templates/{id}/extract", async (string id, Body body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id, body.DocumentId), cancellationToken)))
            .Counts(CountedUse.Recognitions)
            .WithSummary("What a template's fields say in a document")
            .WithDescription("JSON with document_id for a document that is here; multipart/form-data with a part named 'file', or the bytes with a name in X-File-Name, for a file, which isn't kept.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPost("/templates/{id}/extract", FileAsync).Counts(CountedUse.Recognitions).DisableAntiforgery().ExcludeFromDescription();
    }

    private static async Task<IResult> FileAsync(
        string id, HttpRequest request, IMediator mediator, IContentStore content, IUploadCheck check, IOptions<TemplateMatchingOptions> options, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var staged = Id<Document>.New(clock);
        var upload = await UploadReader.ReadAsync(request, content, staged, options.Value.MaxSampleBytes, cancellationToken);
        try
        {
            await check.DemandAsync(staged, upload, isKept: false, cancellationToken);
            var file = new DocumentRef(staged, upload.Content.Sha256, upload.Content.Length, upload.MediaType);
            return TypedResults.Ok(await mediator.Send(new Query(id, null, file), cancellationToken));
        }
        finally
        {
            await content.DiscardStagedAsync(staged, CancellationToken.None);
        }
    }
}
