using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Contracts;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Coordination;

/// <summary>Brings the teams' banks up to date at once; the rule <c>sync_team_coordination</c> does the same each morning.</summary>
internal static class SyncCoordination
{
    [Requires(Role.Operator)]
    internal sealed record Command : ICommand<TeamBanksUpdated>;

    internal sealed record Result(bool Success, string SyncId, int TeamsUpdated, IReadOnlyList<string> CriticalAlerts, DateTimeOffset Timestamp);

    internal sealed class Handler(CoordinationReports reports, IRequestHandler<UpdateTeamBanks, TeamBanksUpdated> update) : IRequestHandler<Command, TeamBanksUpdated>
    {
        public async Task<TeamBanksUpdated> Handle(Command request, CancellationToken cancellationToken) => await update.Handle(
            new UpdateTeamBanks(await reports.StatusAsync(cancellationToken), await reports.DependenciesAsync(cancellationToken), await reports.BlockersAsync(cancellationToken)),
            cancellationToken);
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapPost("/coordination/sync", async (IMediator mediator, TimeProvider clock, CancellationToken cancellationToken) =>
        {
            var updated = await mediator.Send(new Command(), cancellationToken);
            return TypedResults.Ok(new Result(true, updated.SyncId, updated.TeamsUpdated, updated.CriticalAlerts, clock.GetUtcNow()));
        })
        .WithSummary("Bring the teams' memory banks up to date now.");
}
