using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Reviews;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Teams;

internal static class GetTeamQueue
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Query(string Name, int? Limit, string? Cursor) : IQuery<ReviewPage>;

    internal sealed class Handler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, TimeProvider clock) : IRequestHandler<Query, ReviewPage>
    {
        public Task<ReviewPage> Handle(Query request, CancellationToken cancellationToken)
        {
            var team = teams.OfCaller(request.Name, call.Caller).Name;
            return db.Reviews.Where(r => r.Team == team && r.Decided == null)
                .PageAsync(request.Limit, request.Cursor, newestFirst: false, clock.GetUtcNow(), cancellationToken);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/teams/{name}/queue", (string name, int? limit, string? cursor, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(name, limit, cursor), ct))
        .WithSummary("What waits for the team's decision, oldest first")
        .Produces<ReviewPage>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
}
