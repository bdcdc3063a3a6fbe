using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Templates;

/// <summary>Puts an earlier version in force again, as a new one: what a wrong change or a wrong teaching did is undone.</summary>
internal static class RestoreTemplate
{
    /// <param name="Id">The template's.</param>
    /// <param name="Revision">Which of its versions; null: the one before the newest.</param>
    /// <param name="Reason">Why.</param>
    [Requires(Role.Author)]
    internal sealed record Command(string Id, int? Revision, string? Reason) : ICommand<PublishTemplate.Answer>;

    /// <param name="Revision">Which of its versions; absent: the one before the newest.</param>
    /// <param name="Reason">Why; the audit keeps it.</param>
    internal sealed record Body(int? Revision = null, string? Reason = null);

    internal sealed class Handler(TemplateMatchingDbContext db, TemplateCatalog catalog, CallContext call, TimeProvider clock)
        : IRequestHandler<Command, PublishTemplate.Answer>
    {
        public async Task<PublishTemplate.Answer> Handle(Command command, CancellationToken cancellationToken)
        {
            TemplateVersion version;
            await using (var write = await db.BeginWriteAsync(cancellationToken))
            {
                var latest = await db.LatestOfAsync(command.Id, cancellationToken) ?? throw DoxException.NotFound("template", command.Id);
                var earlier = await EarlierAsync(latest, command.Revision ?? latest.Revision - 1, cancellationToken);
                version = await db.AddAsync(
                    new TemplateChange(
                        command.Id, earlier.Source is null ? TemplateOrigin.Withdrawn : TemplateOrigin.Restored, earlier.Source, earlier.Learning, earlier.Base,
                        Reason: TemplateSource.Checked(command.Reason) ?? $"as revision {earlier.Revision} had it"),
                    call.Caller, clock, cancellationToken);
                await SettleLessonsAsync(version, earlier.Revision, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            await catalog.ReloadAsync(cancellationToken);
            return PublishTemplate.Answer.Of(version, clock.GetUtcNow());
        }

        // What was taught since that version isn't known any more, and what was taken back since is again
        private async Task SettleLessonsAsync(TemplateVersion version, int revision, CancellationToken cancellationToken)
        {
            var lessons = await db.Lessons.Where(l => l.TemplateId == version.TemplateId && (l.Revision > revision || l.UndoneRevision > revision)).ToListAsync(cancellationToken);
            foreach (var lesson in lessons)
            {
                if (lesson.Revision <= revision) (lesson.UndoneRevision, lesson.UndoneBy) = (null, null);
                else if (lesson.UndoneRevision is null) (lesson.UndoneRevision, lesson.UndoneBy) = (version.Revision, call.Caller.User);
            }

            await db.SaveChangesAsync(cancellationToken);
        }

        private async Task<TemplateVersion> EarlierAsync(TemplateVersion latest, int revision, CancellationToken cancellationToken)
        {
            if (revision == latest.Revision) throw DoxException.Conflict("already_newest", $"Revision {revision} is the newest already.");
            return await db.TemplateVersions.AsNoTracking().SingleOrDefaultAsync(v => v.TemplateId == latest.TemplateId && v.Revision == revision, cancellationToken)
                ?? throw new DoxException(404, "revision_not_found", $"'{latest.TemplateId}' has no revision {revision}; it has 1 to {latest.Revision}.");
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/templates/{id}/restore", async (string id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, body?.Revision, body?.Reason), cancellationToken)))
            .WithSummary("Puts an earlier version in force again")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
