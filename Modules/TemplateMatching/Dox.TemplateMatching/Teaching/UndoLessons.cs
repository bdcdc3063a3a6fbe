using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Teaching;

/// <summary>Takes back what a document taught, in every template that learned from it.</summary>
internal static class UndoLessons
{
    /// <param name="DocumentId">The document.</param>
    [Requires(Role.Author, Role.Reviewer)]
    internal sealed record Command(Id<Document> DocumentId) : ICommand<Answer>;

    /// <param name="Success">Always true.</param>
    /// <param name="DocumentId">The document.</param>
    /// <param name="Undone">What it had taught.</param>
    /// <param name="Timestamp">UTC.</param>
    internal sealed record Answer(bool Success, Id<Document> DocumentId, IReadOnlyList<LessonView> Undone, DateTimeOffset Timestamp);

    internal sealed class Handler(TemplateMatchingDbContext db, Teacher teacher, CallContext call, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var lessons = await db.Lessons.AsNoTracking().Where(l => l.DocumentId == command.DocumentId && l.UndoneRevision == null).ToListAsync(cancellationToken);
            if (lessons.Count == 0) throw new DoxException(404, "lesson_not_found", $"Nothing was learned from '{command.DocumentId}'.");
            if (!call.Caller.Holds(Role.Author) && lessons.Exists(l => l.TaughtBy != call.Caller.User))
                throw DoxException.Forbidden("Somebody else decided that document. An author can undo it.");
            var document = lessons[0].Document;
            var words = await teacher.ReadAsync(document, cancellationToken)
                ?? throw DoxException.Conflict("document_gone", "The document's content is gone, so what it taught can't be told apart. Restore an earlier version of the template instead.");
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                await teacher.TeachAsync(document, words, new Dictionary<string, bool>(StringComparer.Ordinal), call.Caller, $"took back what {document.Id} taught", cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            var undone = await db.Lessons.AsNoTracking().Where(l => l.DocumentId == command.DocumentId).ToListAsync(cancellationToken);
            return new(true, command.DocumentId, [.. undone.Select(LessonView.Of)], clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapDelete("/lessons/{document_id}", async (
                [Microsoft.AspNetCore.Mvc.FromRoute(Name = "document_id")] Id<Document> documentId, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(documentId), cancellationToken)))
            .WithSummary("Takes back what a document taught, in every template")
            .ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
