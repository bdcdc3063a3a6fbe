using Dox.TeamCoordination.Contracts;
using MediatR;

namespace Dox.TeamCoordination.Teams;

/// <summary>Answers which teams there are.</summary>
internal sealed class GetTeamNamesHandler(TeamDirectory teams) : IRequestHandler<GetTeamNames, TeamNames>
{
    public Task<TeamNames> Handle(GetTeamNames request, CancellationToken cancellationToken) => Task.FromResult(new TeamNames([.. teams.All.Select(t => t.Name)]));
}
