using System.Text.Json.Nodes;
using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.Orchestration.Events;
using Dox.Orchestration.Workflows.Operations;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Content;
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

/// <summary>
/// Deletes a document: what it said and was named goes at once, runs of it that are under way are cancelled, and its bytes go unless another
/// document has the same. Who sent it when, its hash and the audit stay.
/// </summary>
internal static class DeleteDocument
{
    [Requires(Role.Submitter, Role.Operator)]
    public sealed record Command(Id<Document> Id, string? Reason) : ICommand<Result>;

    /// <param name="WorkflowsCancelled">Runs that were under way, and are told to stop.</param>
    public sealed record Result(bool Success, Id<Document> DocumentId, DateTimeOffset DeletedAt, IReadOnlyList<Id<Workflow>> WorkflowsCancelled, DateTimeOffset Timestamp);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason();
    }

    public sealed class Handler(OrchestrationDbContext db, IContentStore content, EventWindow window, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var document = await db.FindVisibleOrDeletedAsync(command.Id, call.Caller, cancellationToken);
            // A reviewer sees documents of other accounts
            if (document.Account != call.Caller.Account && !call.Caller.Holds(Role.Operator))
                throw DoxException.Forbidden("The document belongs to another account, and that one's alone or an operator may delete it.");
            var now = clock.GetUtcNow();
            var runs = await DeleteAsync(document, command.Reason, now, cancellationToken);
            if (runs is null)
            {
                document = await db.FindVisibleOrDeletedAsync(command.Id, call.Caller, cancellationToken);
                // Asked twice it is answered twice
                return new(true, document.Id, document.Deleted ?? throw Held(document), [], now);
            }

            await content.DiscardStagedAsync(document.Id, CancellationToken.None);
            return new(true, document.Id, now, runs, now);
        }

        /// <summary>The runs that are cancelled; null: it is deleted already, or held.</summary>
        private async Task<List<Id<Workflow>>?> DeleteAsync(DocumentRecord document, string? reason, DateTimeOffset now, CancellationToken cancellationToken)
        {
            var id = document.Id;
            await using var write = await db.BeginWriteAsync(cancellationToken);
            // Decided where it is written: whoever puts it under hold at this moment is either before or too late
            var deleted = await db.Documents.Where(d => d.Id == id && d.Deleted == null && d.HeldSince == null).ExecuteUpdateAsync(
                set => set.SetProperty(d => d.Deleted, now).SetProperty(d => d.Superseded, d => d.Superseded ?? now).SetProperty(d => d.FileName, "").SetProperty(d => d.Metadata, "{}").SetProperty(d => d.Words, "")
                    .SetProperty(d => d.Validation, "{}").SetProperty(d => d.AssociatedAccount, (string?)null).SetProperty(d => d.Fields, (string?)null),
                cancellationToken);
            if (deleted == 0) return null;
            var runs = await db.OpenRuns.Where(r => r.DocumentId == id).Select(r => r.Id).ToListAsync(cancellationToken);
            foreach (var run in runs) db.Enqueue(new EndRun(run, $"Its document was deleted by {call.Caller.User}{(reason is null ? "" : $": {reason}")}"));
            db.Enqueue(new RemoveContent(document.Sha256));
            Tell(document, now);
            await db.SaveChangesAsync(cancellationToken);
            await db.NoteAsync(
                new AuditRecord(
                    call.Caller, document.Account, "document.delete", id.ToString(), reason, "kept", "deleted",
                    new JsonObject { ["file_hash"] = $"sha256:{document.Sha256}", ["file_size"] = document.Length, ["submitted_by"] = document.SubmittedBy }),
                clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return runs;
        }

        private void Tell(DocumentRecord document, DateTimeOffset now)
        {
            db.RaisedEvents.Add(new RaisedEvent
            {
                EventId = DoxEvent.IdOf($"{document.Id}/{EventType.DocumentDeleted}"),
                Bucket = document.Bucket,
                Type = EventType.DocumentDeleted,
                Data = new JsonObject { ["document_id"] = document.Id.ToString(), ["file_hash"] = $"sha256:{document.Sha256}", ["deleted_by"] = call.Caller.User }.ToJsonString(DoxJson.Options),
                Service = EventRendering.Teller,
                Account = document.Account,
                DocumentId = document.Id,
                Occurred = now,
            });
            db.AfterCommit(window.Hurry);
        }

        private static DoxException Held(DocumentRecord document) => DoxException.Conflict(
            "document_held",
            $"The document is under legal hold since {document.HeldSince:u}. An administrator can lift that: DELETE /api/v1/documents/{document.Id}/hold?reason=…");
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapDelete("/documents/{id}", async (Id<Document> id, [FromQuery] string? reason, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, reason), cancellationToken)))
            .WithSummary("Delete a document.")
            .WithDescription("Its name, metadata and fields go at once, its runs that are under way are cancelled, and its bytes go unless another document has the same. One under legal hold stays (409). Deleted again it is answered the same; asked for, it is 410.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
