using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Webhooks;

/// <summary>The webhooks, and one of them.</summary>
internal static class ListWebhooks
{
    [Requires(Role.Admin)]
    public sealed record Query : IQuery<Result>;

    [Requires(Role.Admin)]
    public sealed record One(Id<Webhook> Id) : IQuery<WebhookView>;

    public sealed record Result(bool Success, IReadOnlyList<WebhookView> Webhooks, int Count, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, TimeProvider clock) : IRequestHandler<Query, Result>, IRequestHandler<One, WebhookView>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var webhooks = await db.Webhooks.AsNoTracking().OrderBy(w => w.Id).ToListAsync(cancellationToken);
            return new(true, [.. webhooks.Select(w => WebhookView.Of(w, now))], webhooks.Count, now);
        }

        public async Task<WebhookView> Handle(One query, CancellationToken cancellationToken) =>
            WebhookView.Of(await db.FindWebhookAsync(query.Id, cancellationToken), clock.GetUtcNow());
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/webhooks", async (IMediator mediator, CancellationToken cancellationToken) => TypedResults.Ok(await mediator.Send(new Query(), cancellationToken)))
            .WithSummary("The webhooks, without their secrets.");
        api.MapGet("/webhooks/{id}", async (Id<Webhook> id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new One(id), cancellationToken)))
            .WithSummary("A webhook, without its secret.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }
}
