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
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Webhooks;

/// <summary>Gives a webhook a new secret. The old one signs beside it for a while, so that the receiver can change over without missing one.</summary>
internal static class RotateSecret
{
    [Requires(Role.Admin)]
    public sealed record Command(Id<Webhook> Id) : ICommand<Result>;

    public sealed record Result(bool Success, WebhookView Webhook, string Secret, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, WebhookSecrets secrets, IOptions<WebhookOptions> options, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            await using var write = await db.BeginWriteAsync(cancellationToken);
            var webhook = await db.FindWebhookAsync(command.Id, cancellationToken);
            var secret = WebhookSignature.NewSecret();
            (webhook.PreviousSecret, webhook.PreviousUntil, webhook.Secret) = (webhook.Secret, now + options.Value.SecretOverlap, secrets.Seal(webhook.Id, secret));
            await db.SaveChangesAsync(cancellationToken);
            await db.NoteAsync(WebhookAudit.Of(call.Caller, "webhook.rotate-secret", webhook), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return new(true, WebhookView.Of(webhook, now), secret, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/webhooks/{id}/rotate-secret", async (Id<Webhook> id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id), cancellationToken)))
            .WithSummary("Give a webhook a new secret.")
            .WithDescription("Until Dox:Webhooks:SecretOverlap is over, deliveries carry a signature by each of the two. The answer holds the new secret, which isn't told again.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
