using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Keys;

/// <summary>The keys, newest first, and one of them.</summary>
internal static class ListKeys
{
    [Requires(Role.Admin)]
    public sealed record Query(int? Limit = null, string? Cursor = null) : IQuery<Result>;

    [Requires(Role.Admin)]
    public sealed record One(Id<ApiKey> Id) : IQuery<KeyView>;

    public sealed record Result(bool Success, IReadOnlyList<KeyView> Keys, int Count, string? NextCursor, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, TimeProvider clock) : IRequestHandler<Query, Result>, IRequestHandler<One, KeyView>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var size = Page.Size(query.Limit);
            var keys = db.ApiKeys.AsNoTracking();
            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!Id<ApiKey>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                keys = keys.Where(k => k.Id < last);
            }

            var rows = await keys.OrderByDescending(k => k.Id).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).Select(k => KeyView.Of(k, now)).ToList();
            return new(true, page, page.Count, rows.Count > size ? Page.Behind(page[^1].KeyId.ToString()) : null, now);
        }

        public async Task<KeyView> Handle(One query, CancellationToken cancellationToken) => KeyView.Of(await db.FindKeyAsync(query.Id, cancellationToken), clock.GetUtcNow());
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/keys", async (int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(limit, cursor), cancellationToken)))
            .WithSummary("The keys, newest first, without their texts.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden);
        api.MapGet("/keys/{id}", async (Id<ApiKey> id, IMediator mediator, CancellationToken cancellationToken) => TypedResults.Ok(await mediator.Send(new One(id), cancellationToken)))
            .WithSummary("A key, without its text.")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }
}
