using System.Text.Json;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Webhooks;

/// <summary>What became of the events for a webhook, newest first.</summary>
internal static class ListDeliveries
{
    [Requires(Role.Admin, Role.Operator)]
    public sealed record Query(Id<Webhook> WebhookId, string? Status = null, int? Limit = null, string? Cursor = null) : IQuery<Result>;

    public sealed record Result(bool Success, IReadOnlyList<Row> Deliveries, int Count, string? NextCursor, DateTimeOffset Timestamp);

    public sealed record Row(
        Id<Delivery> DeliveryId, Id<Happening> EventId, string EventType, string Status, int Attempts, DateTimeOffset? NextAttempt, int? LastStatus, string? LastError,
        DateTimeOffset Created, DateTimeOffset? Settled);

    public sealed class Handler(OrchestrationDbContext db, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var webhook = (await db.FindWebhookAsync(query.WebhookId, cancellationToken)).Id;
            var size = Page.Size(query.Limit);
            var rows = db.WebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == webhook);
            if (query.Status is { } text)
            {
                var status = StatusIn(text);
                rows = rows.Where(d => d.Status == status);
            }

            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!Id<Delivery>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                rows = rows.Where(d => d.Id < last);
            }

            var page = await rows.OrderByDescending(d => d.Id).Take(size + 1).ToListAsync(cancellationToken);
            var next = page.Count > size ? Page.Behind(page[size - 1].Id.ToString()) : null;
            return new(true, [.. page.Take(size).Select(RowOf)], Math.Min(size, page.Count), next, clock.GetUtcNow());
        }

        private static DeliveryStatus StatusIn(string text) =>
            Enum.TryParse<DeliveryStatus>(text, ignoreCase: true, out var status) && Enum.IsDefined(status) && !char.IsAsciiDigit(text[0])
                ? status
                : throw DoxException.Invalid("invalid_status", $"'{text}' is no state of a delivery. The states are pending, delivered, dead, dismissed.");

        private static Row RowOf(DeliveryRecord d) => new(
            d.Id, d.EventId, d.Type, JsonNamingPolicy.SnakeCaseLower.ConvertName(d.Status.ToString()), d.Attempts, d.Status == DeliveryStatus.Pending ? d.NextAttempt : null,
            d.LastStatus, d.LastError, d.Created, d.Settled);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/webhooks/{id}/deliveries", async (Id<Webhook> id, string? status, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id, status, limit, cursor), cancellationToken)))
            .WithSummary("What became of the events for a webhook, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
}
