using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Teaching;
using Dox.TemplateMatching.Templates;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Unknown;

/// <summary>Makes a template of a draft. The documents that it was learned from are its examples, and can be taken back one by one.</summary>
internal static class PublishDraft
{
    /// <param name="Id">The draft's.</param>
    /// <param name="As">What the template is called.</param>
    [Requires(Role.Author)]
    internal sealed record Command(string Id, Body As) : ICommand<PublishTemplate.Answer>;

    /// <param name="TemplateId">Absent: the draft's id.</param>
    /// <param name="Name">For people; absent: the id.</param>
    /// <param name="Family">Versions of one form share it; absent: the id.</param>
    internal sealed record Body(string? TemplateId = null, string? Name = null, string? Family = null);

    internal sealed class Handler(TemplateMatchingDbContext db, TemplateCatalog catalog, CallContext call, TimeProvider clock) : IRequestHandler<Command, PublishTemplate.Answer>
    {
        public async Task<PublishTemplate.Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            TemplateVersion version;
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                var draft = await db.OpenDraftAsync(command.Id, cancellationToken);
                var id = command.As.TemplateId ?? draft.Id;
                TemplateSource.DemandOwn(catalog, id);
                if (await db.LatestOfAsync(id, cancellationToken) is { Source: not null })
                    throw DoxException.Conflict("template_exists", $"There is a template '{id}' already. Give the draft another template_id.");
                var learned = LearnedLayout.FromJson(draft.Learning);
                var source = Source(learned, new DraftHead(id, command.As.Name ?? id, command.As.Family ?? id), draft);
                TemplateSource.Demand(source, id);
                (draft.State, draft.TemplateId, draft.Decided, draft.DecidedBy) = (DraftState.Published, id, clock.GetUtcNow(), call.Caller.User);
                version = await db.AddAsync(
                    new TemplateChange(id, TemplateOrigin.Learned, source, (TemplateKnowledge.Of(source) with { Examples = learned }).ToJson(), Reason: $"drafted from {draft.Documents} unknown documents as {draft.Id}"),
                    call.Caller, clock, cancellationToken);
                await NoteLessonsAsync(draft.Id, version, cancellationToken);
                await db.SaveChangesAsync(cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            await catalog.ReloadAsync(cancellationToken);
            return PublishTemplate.Answer.Of(version, clock.GetUtcNow());
        }

        // With the library as it is now: words that were rare may not be any more
        private string Source(LearnedLayout learned, DraftHead head, TemplateDraft draft) =>
            TemplateDrafter.Of(learned, head, TokenRarity.Of(catalog.Current.Templates.Where(t => t.Family != head.Family))) is { } drafted
                ? TemplateWriter.Write(drafted)
                : throw DoxException.Conflict("draft_empty", $"The documents of '{draft.Id}' share too little to be told by. Dismiss it.");

        private async Task NoteLessonsAsync(string draftId, TemplateVersion version, CancellationToken cancellationToken)
        {
            var documents = await db.UnknownDocuments.Where(d => d.DraftId == draftId).ToListAsync(cancellationToken);
            foreach (var sample in documents.Where(d => d.IsSample))
            {
                db.Lessons.Add(new Lesson
                {
                    DocumentId = sample.DocumentId,
                    TemplateId = version.TemplateId,
                    Sha256 = sample.Sha256,
                    Length = sample.Length,
                    MediaType = sample.MediaType,
                    IsExample = true,
                    Revision = version.Revision,
                    Taught = version.Created,
                    TaughtBy = call.Caller.User,
                });
            }

            db.UnknownDocuments.RemoveRange(documents);
        }
    }

    /// <exception cref="DoxException">404; 409: somebody decided it already.</exception>
    public static async Task<TemplateDraft> OpenDraftAsync(this TemplateMatchingDbContext db, string id, CancellationToken cancellationToken)
    {
        var draft = await db.TemplateDrafts.SingleOrDefaultAsync(d => d.Id == id, cancellationToken) ?? throw DoxException.NotFound("draft", id);
        return draft.State == DraftState.Open
            ? draft
            : throw DoxException.Conflict("draft_decided", $"{draft.DecidedBy} {(draft.State == DraftState.Published ? $"published it as '{draft.TemplateId}'" : "dismissed it")} already.");
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/templates/drafts/{id}/publish", async (string id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, body ?? new Body()), cancellationToken)))
            .WithSummary("Makes a template of a draft")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
}
