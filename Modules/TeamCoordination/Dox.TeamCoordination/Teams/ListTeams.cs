using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Teams;

internal static class ListTeams
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Query : IQuery<Result>;

    internal sealed record Result(IReadOnlyList<TeamSummary> Teams);

    internal sealed class Handler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query request, CancellationToken cancellationToken)
        {
            var load = await TeamLoad.ReadAsync(db, clock.GetUtcNow(), cancellationToken);
            return new([.. teams.All.Where(t => call.Caller.SeesTeam(t.Name)).Select(load.Of)]);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/teams", (IMediator mediator, CancellationToken ct) => mediator.Send(new Query(), ct))
        .WithSummary("The caller's teams, and how much waits for each")
        .Produces<Result>();
}
