using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Teaching;

/// <summary>What documents taught a template, newest first.</summary>
internal static class ListLessons
{
    private const int Most = 200;

    [Requires(Role.Reviewer, Role.Operator, Role.Author)]
    internal sealed record Query(string TemplateId) : IQuery<Answer>;

    internal sealed record Answer(bool Success, string TemplateId, IReadOnlyList<LessonView> Lessons, int Count, DateTimeOffset Timestamp);

    internal sealed class Handler(TemplateMatchingDbContext db, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var lessons = await db.Lessons.AsNoTracking().Where(l => l.TemplateId == query.TemplateId).OrderByDescending(l => l.Revision).Take(Most).ToListAsync(cancellationToken);
            return new(true, query.TemplateId, [.. lessons.Select(LessonView.Of)], lessons.Count, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/templates/{id}/lessons", async (string id, IMediator mediator, CancellationToken cancellationToken) => TypedResults.Ok(await mediator.Send(new Query(id), cancellationToken)))
            .WithSummary("What decided documents taught a template, the newest first");
}

/// <param name="DocumentId">The document that was decided.</param>
/// <param name="TemplateId">The template that learned from it.</param>
/// <param name="IsExample">Whether it is an instance of the template; false: it was taken for one.</param>
/// <param name="Revision">The version that the lesson made.</param>
/// <param name="TaughtAt">UTC.</param>
/// <param name="TaughtBy">Who decided.</param>
/// <param name="UndoneRevision">The version that took it back; null while it counts.</param>
/// <param name="UndoneBy">Who took it back.</param>
internal sealed record LessonView(
    Id<Document> DocumentId, string TemplateId, bool IsExample, int Revision, DateTimeOffset TaughtAt, string TaughtBy, int? UndoneRevision, string? UndoneBy)
{
    public static LessonView Of(Lesson lesson) =>
        new(lesson.DocumentId, lesson.TemplateId, lesson.IsExample, lesson.Revision, lesson.Taught, lesson.TaughtBy, lesson.UndoneRevision, lesson.UndoneBy);
}
