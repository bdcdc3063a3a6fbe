using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>Which teams there are.</summary>
[MessageName("team-coordination.get-team-names.v1"), OpenToAll]
public sealed record GetTeamNames : IQuery<TeamNames>;

/// <summary>The teams.</summary>
/// <param name="Names">In the order of the configuration.</param>
public sealed record TeamNames(IReadOnlyList<string> Names);
