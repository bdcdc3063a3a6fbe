using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Webhooks;
using Dox.Orchestration.Workflows.Operations;
using Dox.SharedKernel.Access;
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

/// <summary>Has what was given up delivered again: one letter, or all that a filter names. Who has had it already knows it by its id, and does nothing.</summary>
internal static class RedriveDeadLetters
{
    /// <param name="Id">One letter; null: all of the kind and the module.</param>
    /// <param name="Kind">message, delivery or entry; null: all.</param>
    /// <param name="Module">Whose; null: of all in this process.</param>
    [Requires(Role.Operator)]
    public sealed record Command(string? Id, string? Kind, string? Module, string? Reason) : ICommand<Result>;

    /// <param name="Redriven">How many are on their way again.</param>
    public sealed record Result(bool Success, int Redriven, DateTimeOffset Timestamp);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Reason).IsReason();
            RuleFor(c => c.Kind).Must(kind => kind is null or DeadLetter.Message or DeadLetter.Delivery or DeadLetter.Entry).WithErrorCode("invalid_kind").WithMessage("'kind' is message, delivery or entry.");
        }
    }

    public sealed class Handler(OrchestrationDbContext db, DeadMessages messages, UnreadEntries entries, WebhookSender sender, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var (kind, module, subject) = (command.Kind, messages.Named(command.Module), command.Id ?? "all");
            Guid? letter = null;
            Id<Delivery>? delivery = null;
            if (command.Id is { } id)
            {
                var found = await db.FindDeadLetterAsync(messages, entries, id, cancellationToken);
                (kind, module) = (found.Kind, found.Kind == DeadLetter.Entry ? found.Target : found.Module);
                letter = Id<Letter>.TryParse(id, null, out var message) ? message.Value : null;
                delivery = Id<Delivery>.TryParse(id, null, out var one) ? one : null;
            }

            var redriven = 0;
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                if (kind is null or DeadLetter.Delivery && module is null or OrchestrationModule.ModuleName) redriven += await RedriveAsync(delivery, cancellationToken);
                // Told before other modules' messages are: those lie in databases of their own, and what isn't told isn't done
                await db.NoteAsync(
                    new AuditRecord(call.Caller, call.Caller.Account, "dead_letter.redrive", subject, command.Reason, "dead", "pending", new JsonObject { ["kind"] = kind, ["module"] = module }),
                    clock, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            sender.Hurry();
            if (kind is null or DeadLetter.Message)
            {
                foreach (var name in messages.Modules.Where(m => module is null || m == module).ToList())
                    redriven += await messages.RedriveAsync(name, letter, cancellationToken);
            }

            if (kind is null or DeadLetter.Entry) redriven += await PutBackAsync(command.Id, module);
            return new(true, redriven, clock.GetUtcNow());
        }

        private async Task<int> PutBackAsync(string? one, string? module)
        {
            const int AtOnce = 1000;
            var ids = one is null ? (await entries.ListAsync(module, null, AtOnce)).Select(e => e.Id).ToList() : Id<UnreadEntry>.TryParse(one, null, out var id) ? [id.Value] : [];
            var back = 0;
            foreach (var entry in ids) back += await entries.RedriveAsync(entry) ? 1 : 0;
            return back;
        }

        // A webhook that was switched off would take nothing
        private async Task<int> RedriveAsync(Id<Delivery>? one, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var dead = db.DeadDeliveries().Where(d => one == null || d.Id == one);
            var webhooks = await dead.Select(d => d.WebhookId).Distinct().ToListAsync(cancellationToken);
            await db.Webhooks.Where(w => webhooks.Contains(w.Id)).ExecuteUpdateAsync(s => s.SetProperty(w => w.Disabled, (string?)null), cancellationToken);
            return await dead.ExecuteUpdateAsync(
                s => s.SetProperty(d => d.Status, DeliveryStatus.Pending).SetProperty(d => d.Attempts, 0).SetProperty(d => d.NextAttempt, now).SetProperty(d => d.Settled, (DateTimeOffset?)null),
                cancellationToken);
        }
    }

    /// <param name="Reason">Why; the audit tells it.</param>
    internal sealed record Body(string? Reason = null);

    /// <param name="Kind">message, delivery or entry; absent: all.</param>
    /// <param name="Module">Whose; absent: of all in this process.</param>
    /// <param name="Reason">Why; the audit tells it.</param>
    internal sealed record BulkBody(string? Kind = null, string? Module = null, string? Reason = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/dead-letters/{id}/redrive", async (string id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, null, null, body?.Reason), cancellationToken)))
            .WithSummary("Deliver again what was given up.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/dead-letters/redrive", async (BulkBody? body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(null, body?.Kind, body?.Module, body?.Reason), cancellationToken)))
            .WithSummary("Deliver again everything that was given up, or all of a kind or a module.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
    }
}
