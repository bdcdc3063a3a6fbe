using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TemplateMatching.Recognitions;

/// <summary>Recognises a document anew, for example after a template was added.</summary>
internal static class Recognize
{
    /// <param name="DocumentId">A document that was recognised before: this module knows no others.</param>
    /// <param name="Document">An accepted document in full; for operators, since whoever names a hash reads its content.</param>
    /// <param name="Options">As earlier clients send them.</param>
    /// <param name="MaxCandidates">How many candidates to tell of.</param>
    /// <param name="ConfidenceThreshold">From which confidence on a match is accepted without a person.</param>
    [Requires(Role.Submitter)]
    internal sealed record Command(
        Id<Document>? DocumentId = null, DocumentRef? Document = null, RecognitionOptions? Options = null, int? MaxCandidates = null, double? ConfidenceThreshold = null)
        : ICommand<GetRecognition.Answer>;

    internal sealed record RecognitionOptions(int? MaxCandidates = null, double? ConfidenceThreshold = null);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.DocumentId)
            .Must((c, id) => id is null != c.Document is null).WithErrorCode("document_missing").WithMessage("Give either document_id or document.");
    }

    internal sealed class Handler(TemplateMatchingDbContext db, CallContext call, IMediator mediator, TimeProvider clock)
        : IRequestHandler<Command, GetRecognition.Answer>
    {
        public async Task<GetRecognition.Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var document = request.Document is { } given ? Allowed(given) : await KnownAsync(request.DocumentId!.Value, cancellationToken);
            var record = await mediator.Send(
                new RecognizeTemplate(
                    document, request.MaxCandidates ?? request.Options?.MaxCandidates, request.ConfidenceThreshold ?? request.Options?.ConfidenceThreshold),
                cancellationToken);
            return GetRecognition.Answer.Of(record, clock.GetUtcNow());
        }

        private DocumentRef Allowed(DocumentRef document) => call.Caller.Holds(Role.Operator)
            ? document
            : throw DoxException.Forbidden("Naming a document's content needs the role operator; give document_id instead.");

        private async Task<DocumentRef> KnownAsync(Id<Document> id, CancellationToken cancellationToken)
        {
            var known = await db.Recognitions.LatestOfAsync(id, cancellationToken);
            return known is not null && call.Caller.Sees(known.Account) ? known.Document : throw DoxException.NotFound("document", id.ToString());
        }
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        foreach (var path in new[] { "/recognize", "/recognize/template" })
        {
            api.MapPost(path, (Command command, IMediator mediator, CancellationToken cancellationToken) => mediator.Send(command, cancellationToken))
                .Counts(CountedUse.Recognitions)
                .WithSummary("Recognises a known document anew, or a file")
                .WithDescription("JSON with document_id for a document that is here; multipart/form-data with a part named 'file' (and max_candidates, confidence_threshold), or the bytes with a name in X-File-Name, for a file, which is checked as an upload is.")
                .Produces<GetRecognition.Answer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
                .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        }
    }
}
