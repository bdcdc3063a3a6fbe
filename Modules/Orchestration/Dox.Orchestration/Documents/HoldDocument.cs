using Dox.Orchestration.Data;
using Dox.Orchestration.History;
using Dox.Orchestration.Workflows.Operations;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>Legal hold: while it stands, retention takes nothing of the document's runs. Put and lifted with a reason, and audited.</summary>
internal static class HoldDocument
{
    /// <param name="Held">False lifts it.</param>
    [Requires(Role.Admin)]
    public sealed record Command(Id<Document> Id, bool Held, string? Reason) : ICommand<Result>;

    public sealed record Result(bool Success, Id<Document> DocumentId, DateTimeOffset? HeldSince, DateTimeOffset Timestamp);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason(required: true);
    }

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            await using var write = await db.BeginWriteAsync(cancellationToken);
            await db.ShareHistoryAsync(cancellationToken);
            var document = await db.Documents.SingleOrDefaultAsync(d => d.Id == command.Id, cancellationToken) ?? throw DoxException.NotFound("document", command.Id.ToString());
            document.DemandNotDeleted();
            var was = document.HeldSince is not null;
            if (command.Held) document.Hold(command.Reason, now);
            else document.LiftHold();
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateConcurrencyException)
            {
                throw DoxException.Conflict("document_changed", $"The document {document.Id} is being deleted at this moment. Ask for it again.");
            }

            await db.NoteAsync(
                new AuditRecord(call.Caller, document.Account, command.Held ? "document.hold" : "document.release_hold", document.Id.ToString(), command.Reason, Name(was), Name(command.Held)),
                clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return new(true, document.Id, document.HeldSince, now);
        }

        private static string Name(bool held) => held ? "held" : "free";
    }

    internal sealed record Body(string? Reason = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPut("/documents/{id}/hold", async (Id<Document> id, Body? body, [FromQuery] string? reason, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, Held: true, body?.Reason ?? reason), cancellationToken)))
            .WithSummary("Put a document under legal hold.")
            .WithDescription("Its runs and their journals are kept, whatever retention says.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/documents/{id}/hold", async (Id<Document> id, [FromQuery] string? reason, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, Held: false, reason), cancellationToken)))
            .WithSummary("Lift a legal hold.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
    }
}
