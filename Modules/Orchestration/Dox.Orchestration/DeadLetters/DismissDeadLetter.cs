using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Webhooks;
using Dox.Orchestration.Workflows.Operations;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Dox.SharedKernel.Messages;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.DeadLetters;

/// <summary>Settles a letter without delivering it; the audit keeps what it was, and why nobody needs it.</summary>
internal static class DismissDeadLetter
{
    [Requires(Role.Operator)]
    public sealed record Command(string Id, string? Reason) : ICommand<Result>;

    public sealed record Result(bool Success, DeadLetter DeadLetter, DateTimeOffset Timestamp);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason(required: true);
    }

    public sealed class Handler(OrchestrationDbContext db, DeadMessages messages, UnreadEntries entries, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var letter = await db.FindDeadLetterAsync(messages, entries, command.Id, cancellationToken);
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                if (Id<Delivery>.TryParse(command.Id, null, out var delivery))
                {
                    var settled = await db.DeadDeliveries().Where(d => d.Id == delivery).ExecuteUpdateAsync(s => s.SetProperty(d => d.Status, DeliveryStatus.Dismissed), cancellationToken);
                    if (settled == 0) throw DoxException.NotFound("dead_letter", command.Id);
                }

                // Told before another module's message, or an entry, is taken out: those lie elsewhere
                await db.NoteAsync(
                    new AuditRecord(call.Caller, call.Caller.Account, "dead_letter.dismiss", command.Id, command.Reason, "dead", "dismissed", new JsonObject
                    {
                        ["kind"] = letter.Kind,
                        ["module"] = letter.Module,
                        ["target"] = letter.Target,
                        ["name"] = letter.Name,
                        ["last_error"] = letter.LastError,
                        ["occurred"] = letter.Occurred,
                    }),
                    clock, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            if (Id<Letter>.TryParse(command.Id, null, out var message)) await messages.DismissAsync(letter.Module, message.Value, cancellationToken);
            if (Id<UnreadEntry>.TryParse(command.Id, null, out var entry)) await entries.DismissAsync(entry.Value);
            return new(true, letter, clock.GetUtcNow());
        }
    }

    /// <param name="Reason">Why nobody needs it; the audit tells it.</param>
    internal sealed record Body(string? Reason = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/dead-letters/{id}/dismiss", async (string id, Body body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, body.Reason), cancellationToken)))
            .WithSummary("Settle a dead letter without delivering it.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
}
