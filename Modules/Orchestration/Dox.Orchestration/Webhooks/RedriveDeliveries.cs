using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Webhooks;

/// <summary>Sends again what was given up: one delivery, or all dead ones of a webhook; a webhook that was switched off is switched on.</summary>
internal static class RedriveDeliveries
{
    [Requires(Role.Admin, Role.Operator)]
    public sealed record Command(Id<Webhook> Webhook, Id<Delivery>? DeliveryId) : ICommand<Result>;

    public sealed record Result(bool Success, int Redriven, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, WebhookSender sender, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            await using var write = await db.BeginWriteAsync(cancellationToken);
            var webhook = await db.FindWebhookAsync(command.Webhook, cancellationToken);
            webhook.Disabled = null;
            await db.SaveChangesAsync(cancellationToken);
            var dead = db.WebhookDeliveries.Where(d => d.WebhookId == webhook.Id && d.Status == DeliveryStatus.Dead);
            if (command.DeliveryId is { } one) dead = dead.Where(d => d.Id == one);
            var redriven = await dead.ExecuteUpdateAsync(
                s => s.SetProperty(d => d.Status, DeliveryStatus.Pending).SetProperty(d => d.Attempts, 0).SetProperty(d => d.NextAttempt, now)
                    .SetProperty(d => d.Settled, (DateTimeOffset?)null),
                cancellationToken);
            await db.NoteAsync(WebhookAudit.Of(call.Caller, "webhook.redrive", webhook), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            sender.Hurry();
            return new(true, redriven, now);
        }
    }

    /// <param name="DeliveryId">Which one; absent: all that are dead.</param>
    internal sealed record Body(Id<Delivery>? DeliveryId = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/webhooks/{id}/redrive", async (Id<Webhook> id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, body?.DeliveryId), cancellationToken)))
            .WithSummary("Send again what was given up.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
