using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Unknown;

/// <summary>A drafted template with the documents that propose it.</summary>
internal static class GetDraft
{
    private const int MostDocuments = 100;

    [Requires(Role.Author, Role.Operator)]
    internal sealed record Query(string Id) : IQuery<Answer>;

    /// <param name="Success">Always true.</param>
    /// <param name="Draft">The draft.</param>
    /// <param name="Documents">The documents that look like it, the newest first, at most 100.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(bool Success, DraftView Draft, IReadOnlyList<Id<Document>> Documents, DateTimeOffset Timestamp);

    internal sealed class Handler(TemplateMatchingDbContext db, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var draft = await db.TemplateDrafts.AsNoTracking().SingleOrDefaultAsync(d => d.Id == query.Id, cancellationToken) ?? throw DoxException.NotFound("draft", query.Id);
            var documents = await db.UnknownDocuments.AsNoTracking().Where(d => d.DraftId == query.Id).OrderByDescending(d => d.Seen)
                .Take(MostDocuments).Select(d => d.DocumentId).ToListAsync(cancellationToken);
            return new(true, DraftView.Of(draft), documents, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/templates/drafts/{id}", async (string id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id), cancellationToken)))
            .WithSummary("A drafted template with the documents that propose it")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
