using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Templates;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TemplateMatching.Unknown;

/// <summary>Says of a draft that nobody wants it: documents like it propose nothing until it is forgotten.</summary>
internal static class DismissDraft
{
    [Requires(Role.Author)]
    internal sealed record Command(string Id, string? Reason) : ICommand<Answer>;

    /// <param name="Reason">Why; the audit keeps it.</param>
    internal sealed record Body(string? Reason = null);

    internal sealed record Answer(bool Success, DraftView Draft, DateTimeOffset Timestamp);

    internal sealed class Handler(TemplateMatchingDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            var reason = TemplateSource.Checked(command.Reason);
            var now = clock.GetUtcNow();
            await using var write = await db.BeginWriteAsync(cancellationToken);
            var draft = await db.OpenDraftAsync(command.Id, cancellationToken);
            (draft.State, draft.Decided, draft.DecidedBy) = (DraftState.Dismissed, now, call.Caller.User);
            await db.SaveChangesAsync(cancellationToken);
            await db.NoteAsync(new AuditRecord(call.Caller, call.Caller.Account, "template.dismiss_draft", draft.Id, reason, "open", "dismissed"), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return new(true, DraftView.Of(draft), now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/templates/drafts/{id}/dismiss", async (string id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, body?.Reason), cancellationToken)))
            .WithSummary("Says of a draft that nobody wants it")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
