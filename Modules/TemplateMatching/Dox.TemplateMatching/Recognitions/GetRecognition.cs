using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Recognitions;

internal static class GetRecognition
{
    /// <param name="Id">A recognition's id, or a document's: then its newest recognition.</param>
    [OpenToAll]
    internal sealed record Query(string Id) : IQuery<Answer>;

    /// <summary>A recognition as HTTP tells it, with all that earlier clients read.</summary>
    internal sealed record Answer(
        bool Success,
        Id<Recognition> RecognitionProfileId,
        Id<Document> DocumentId,
        RecognitionDecision Decision,
        double Confidence,
        TemplateMatch? TemplateMatched,
        IReadOnlyDictionary<string, ExtractedField> FieldMappings,
        IReadOnlyList<TemplateCandidate> Candidates,
        string Explanation,
        double ProcessingTimeMs,
        MatchEvidence? Evidence,
        DateTimeOffset Timestamp)
    {
        public static Answer Of(RecognitionRecord record, DateTimeOffset timestamp) => new(
            true, record.RecognitionProfileId, record.DocumentId, record.Decision, record.Confidence, record.TemplateMatched, record.FieldMappings,
            record.Candidates, record.Explanation, record.ProcessingTimeMs, record.Evidence, timestamp);
    }

    internal sealed class Handler(TemplateMatchingDbContext db, CallContext call) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var found = Id<Recognition>.TryParse(request.Id, null, out var id)
                ? await db.Recognitions.AsNoTracking().FirstOrDefaultAsync(r => r.Id == id, cancellationToken)
                : Id<Document>.TryParse(request.Id, null, out var document)
                    ? await db.Recognitions.AsNoTracking().LatestOfAsync(document, cancellationToken)
                    : null;
            return found is not null && call.Caller.Sees(found.Account)
                ? Answer.Of(found.Read(), found.Recognized)
                : throw DoxException.NotFound("recognition", request.Id);
        }
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        foreach (var path in new[] { "/recognize/{id}", "/recognize/status/{id}" })
        {
            api.MapGet(path, (string id, IMediator mediator, CancellationToken cancellationToken) => mediator.Send(new Query(id), cancellationToken))
                .WithSummary("A recognition, by its id or by its document's")
                .Produces<Answer>().ProducesProblem(StatusCodes.Status404NotFound);
        }
    }
}
