using Dox.SharedKernel.Errors;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Dox.TeamCoordination.Reviews;

internal sealed class OpenReviewHandler(TeamCoordinationDbContext db, TeamDirectory teams, TimeProvider clock, ILogger<OpenReviewHandler> log)
    : IRequestHandler<OpenReview, Unit>
{
    public async Task<Unit> Handle(OpenReview request, CancellationToken cancellationToken)
    {
        if (await db.Reviews.AnyAsync(r => r.Id == request.Id, cancellationToken)) return Unit.Value;

        var team = teams.Resolve(request.Team);
        if (teams.Find(request.Team) is null)
            log.LogWarning("The rule {Rule} asks the team {Asked}, which isn't configured; its review {Review} goes to {Team}", request.RuleName, request.Team, request.Id, team);
        db.Reviews.Add(ReviewRecord.Open(request, team, clock.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}

internal sealed class CloseReviewHandler(TeamCoordinationDbContext db, TimeProvider clock) : IRequestHandler<CloseReview, Unit>
{
    public async Task<Unit> Handle(CloseReview request, CancellationToken cancellationToken)
    {
        var step = request.Step.Cut(TextLimits.Step);
        var reviews = await db.Reviews.Where(r => r.WorkflowId == request.WorkflowId && r.Step == step && r.Visit == request.Visit).ToListAsync(cancellationToken);
        // It was asked for before it was closed: its opening is still on its way, and would outlive this. The relay comes again.
        if (reviews.Count == 0) throw DoxException.Conflict("review_not_there_yet", $"The review of '{step}' of {request.WorkflowId} hasn't arrived yet.");
        foreach (var review in reviews) review.Close(request.ClosedBy.Cut(TextLimits.User), clock.GetUtcNow(), request.Reason.Cut(TextLimits.Message));
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
