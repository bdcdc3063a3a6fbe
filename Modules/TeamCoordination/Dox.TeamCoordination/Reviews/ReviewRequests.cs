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
