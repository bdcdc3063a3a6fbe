using System.Globalization;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Templates;

/// <summary>What a template was, newest first.</summary>
internal static class ListTemplateVersions
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    internal sealed record Query(string Id, int? Limit, string? Cursor) : IQuery<Answer>;

    /// <param name="Success">Always true.</param>
    /// <param name="Id">The template's.</param>
    /// <param name="Versions">Newest first; none for one that is in a folder alone.</param>
    /// <param name="Count">Of this page.</param>
    /// <param name="NextCursor">For the next page; null on the last.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(bool Success, string Id, IReadOnlyList<Item> Versions, int Count, string? NextCursor, DateTimeOffset Timestamp);

    /// <param name="Revision">From 1.</param>
    /// <param name="Origin">How it came to be.</param>
    /// <param name="InForce">Whether documents are matched against it now.</param>
    /// <param name="ValidFrom">UTC.</param>
    /// <param name="ValidTo">UTC; null until further notice.</param>
    /// <param name="CreatedAt">UTC.</param>
    /// <param name="CreatedBy">Who.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Definition">As YAML; null where the template was withdrawn.</param>
    internal sealed record Item(
        int Revision, TemplateOrigin Origin, bool InForce, DateTimeOffset ValidFrom, DateTimeOffset? ValidTo, DateTimeOffset CreatedAt, string CreatedBy, string? Reason,
        string? Definition);

    internal sealed class Handler(TemplateMatchingDbContext db, TemplateCatalog catalog, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var size = Page.Size(query.Limit);
            var versions = db.TemplateVersions.AsNoTracking().Where(v => v.TemplateId == query.Id);
            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!int.TryParse(behind, NumberStyles.None, CultureInfo.InvariantCulture, out var last)) throw Page.InvalidCursor();
                versions = versions.Where(v => v.Revision < last);
            }

            var current = catalog.Current.Find(query.Id);
            var rows = await versions.OrderByDescending(v => v.Revision).Take(size + 1).ToListAsync(cancellationToken);
            if (rows.Count == 0 && current is null && query.Cursor is null) throw DoxException.NotFound("template", query.Id);
            var items = rows.Take(size)
                .Select(v => new Item(v.Revision, v.Origin, v.Revision == current?.Stored?.Revision, v.ValidFrom, v.ValidTo, v.Created, v.CreatedBy, v.Reason, v.Source))
                .ToList();
            var next = rows.Count > size ? Page.Behind(items[^1].Revision.ToString(CultureInfo.InvariantCulture)) : null;
            return new(true, query.Id, items, items.Count, next, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/templates/{id}/versions", async (string id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id, limit, cursor), cancellationToken)))
            .WithSummary("A template's stored versions, the newest first")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
