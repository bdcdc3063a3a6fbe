using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Unknown;

/// <summary>Templates that unknown documents propose.</summary>
internal static class ListDrafts
{
    [Requires(Role.Author, Role.Operator)]
    internal sealed record Query(int? Limit, string? Cursor) : IQuery<Answer>;

    /// <param name="Success">Always true.</param>
    /// <param name="Drafts">Those that nobody decided.</param>
    /// <param name="Count">Of this page.</param>
    /// <param name="NextCursor">For the next page; null on the last.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(bool Success, IReadOnlyList<DraftView> Drafts, int Count, string? NextCursor, DateTimeOffset Timestamp);

    internal sealed class Handler(TemplateMatchingDbContext db, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var size = Page.Size(query.Limit);
            var drafts = db.TemplateDrafts.AsNoTracking().Where(d => d.State == DraftState.Open);
            if (Page.Read(query.Cursor) is { } behind) drafts = drafts.Where(d => string.Compare(d.Id, behind) > 0);
            var rows = await drafts.OrderBy(d => d.Id).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).Select(DraftView.Of).ToList();
            return new(true, page, page.Count, rows.Count > size ? Page.Behind(page[^1].DraftId) : null, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/templates/drafts", async (int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(limit, cursor), cancellationToken)))
            .WithSummary("Templates that three or more unknown documents of one layout propose")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
}

/// <param name="DraftId">The draft's, and the template's where nobody gives it another.</param>
/// <param name="State">What became of it.</param>
/// <param name="Documents">How many documents look like it.</param>
/// <param name="ProposedAt">UTC.</param>
/// <param name="TemplateId">The template that it was published as.</param>
/// <param name="DecidedBy">Who published or dismissed it.</param>
/// <param name="Definition">As YAML.</param>
internal sealed record DraftView(string DraftId, DraftState State, int Documents, DateTimeOffset ProposedAt, string? TemplateId, string? DecidedBy, string Definition)
{
    public static DraftView Of(TemplateDraft draft) =>
        new(draft.Id, draft.State, draft.Documents, draft.Proposed, draft.TemplateId, draft.DecidedBy, draft.Source);
}
