using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TemplateMatching.Templates;

internal static class ListTemplates
{
    /// <param name="Limit">Most templates of a page.</param>
    /// <param name="Cursor">What the page before ended with.</param>
    [OpenToAll]
    internal sealed record Query(int? Limit, string? Cursor) : IQuery<Answer>;

    /// <param name="Success">Always true.</param>
    /// <param name="Templates">By id.</param>
    /// <param name="Count">Of this page.</param>
    /// <param name="NextCursor">For the next page; null on the last.</param>
    /// <param name="Problems">Definitions that were left out and why, for authors.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(
        bool Success, IReadOnlyList<Item> Templates, int Count, string? NextCursor, IReadOnlyList<TemplateProblem> Problems, DateTimeOffset Timestamp);

    internal sealed record Item(string Id, string Name, string Family, int Version, int Anchors, IReadOnlyList<string> Fields, string? Team);

    internal sealed class Handler(TemplateCatalog catalog, CallContext call, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var current = catalog.Current;
            var limit = Page.Size(request.Limit);
            var behind = Page.Read(request.Cursor);
            var page = current.Templates.Where(t => behind is null || string.CompareOrdinal(t.Id, behind) > 0).Take(limit + 1).ToList();
            var items = page.Take(limit)
                .Select(t => new Item(t.Id, t.Name, t.Family, t.Version, t.Match.Anchors.Count, [.. t.Fields.Select(f => f.Name)], t.Team))
                .ToList();
            var next = page.Count > limit ? Page.Behind(items[^1].Id) : null;
            var problems = call.Caller.Holds(Role.Author, Role.Operator) ? current.Problems : [];
            return Task.FromResult(new Answer(true, items, items.Count, next, problems, clock.GetUtcNow()));
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/templates", (int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                mediator.Send(new Query(limit, cursor), cancellationToken))
            .WithSummary("The templates in force")
            .Produces<Answer>().ProducesProblem(StatusCodes.Status400BadRequest);
}
