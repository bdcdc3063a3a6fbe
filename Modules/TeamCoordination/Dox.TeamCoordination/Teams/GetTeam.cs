using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Teams;

internal static class GetTeam
{
    private const int LatestNotices = 20;

    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Query(string Name) : IQuery<Result>;

    internal sealed record Result(TeamSummary Team, IReadOnlyList<Notice> Notices);

    internal sealed record Notice(string Subject, string Message, DateTimeOffset SentAt);

    internal sealed class Handler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query request, CancellationToken cancellationToken)
        {
            var team = teams.OfCaller(request.Name, call.Caller);
            var load = await TeamLoad.ReadAsync(db, clock.GetUtcNow(), cancellationToken);
            var notices = await db.Notices.Where(n => n.Team == team.Name).OrderByDescending(n => n.Sent).Take(LatestNotices)
                .Select(n => new Notice(n.Subject, n.Message, n.Sent)).ToListAsync(cancellationToken);
            return new(load.Of(team), notices);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/teams/{name}", (string name, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(name), ct))
        .WithSummary("A team, what waits for it, and what it was told lately")
        .Produces<Result>().ProducesProblem(StatusCodes.Status404NotFound);
}
