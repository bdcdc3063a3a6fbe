using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Recognitions;
using Dox.TemplateMatching.Templates;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Teaching;

/// <summary>A person says what a recognised document is, outside any review; the templates learn from it.</summary>
internal static class DeclareRecognition
{
    /// <param name="Id">A recognition's id, or a document's.</param>
    /// <param name="TemplateId">What it is; null: none of the templates.</param>
    [Requires(Role.Reviewer)]
    internal sealed record Command(string Id, string? TemplateId) : ICommand<GetRecognition.Answer>;

    /// <param name="TemplateId">What it is; absent: none of the templates.</param>
    internal sealed record Body(string? TemplateId = null);

    /// <summary>As earlier clients send it.</summary>
    /// <param name="DocumentId">The document, or</param>
    /// <param name="RecognitionProfileId">its recognition.</param>
    /// <param name="TemplateId">What it is; absent: none of the templates.</param>
    internal sealed record EarlierBody(string? DocumentId = null, string? RecognitionProfileId = null, string? TemplateId = null);

    internal sealed class Handler(TemplateMatchingDbContext db, TemplateCatalog catalog, Declarations declarations, CallContext call) : IRequestHandler<Command, GetRecognition.Answer>
    {
        public async Task<GetRecognition.Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var found = Id<Recognition>.TryParse(request.Id, null, out var id)
                ? await db.Recognitions.FirstOrDefaultAsync(r => r.Id == id, cancellationToken)
                : Id<Document>.TryParse(request.Id, null, out var document) ? await db.Recognitions.LatestOfAsync(document, cancellationToken) : null;
            if (found is null || !call.Caller.Sees(found.Account)) throw DoxException.NotFound("recognition", request.Id);
            if (request.TemplateId is { } template && (await catalog.FreshAsync(cancellationToken)).Find(template) is null)
                throw new DoxException(422, "template_not_found", $"There is no template '{template}'. GET /api/v1/templates lists them.");
            await declarations.RecordAsync(found, request.TemplateId, call.Caller, teaches: true, cancellationToken);
            return GetRecognition.Answer.Of(found.Read(), found.Recognized);
        }
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/recognize/{id}/declare", async (string id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, body?.TemplateId), cancellationToken)))
            .WithSummary("Says what a recognised document is; the templates learn from it")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        api.MapPost("/declare", async (EarlierBody body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(
                    new Command(body.RecognitionProfileId ?? body.DocumentId ?? throw DoxException.Invalid("document_missing", "Give document_id or recognition_profile_id."), body.TemplateId),
                    cancellationToken)))
            .WithSummary("The same, as earlier clients ask it")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
    }
}
