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

namespace Dox.Orchestration.Webhooks;

/// <summary>Sends nothing more to an address; what was under way to it is dropped.</summary>
internal static class DeleteWebhook
{
    [Requires(Role.Admin)]
    public sealed record Command(Id<Webhook> Id) : ICommand;

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, Unit>
    {
        public async Task<Unit> Handle(Command command, CancellationToken cancellationToken)
        {
            var webhook = await db.FindWebhookAsync(command.Id, cancellationToken);
            await using var write = await db.BeginWriteAsync(cancellationToken);
            db.Webhooks.Remove(webhook);
            await db.SaveChangesAsync(cancellationToken);
            await db.NoteAsync(WebhookAudit.Of(call.Caller, "webhook.delete", webhook), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return Unit.Value;
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapDelete("/webhooks/{id}", async (Id<Webhook> id, IMediator mediator, CancellationToken cancellationToken) =>
            {
                await mediator.Send(new Command(id), cancellationToken);
                return TypedResults.NoContent();
            })
            .WithSummary("Send nothing more to an address.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
