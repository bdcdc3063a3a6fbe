using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>Tells a team something; kept where the team sees it.</summary>
/// <param name="Team">A team's name.</param>
/// <param name="Subject">In a line.</param>
/// <param name="Message">In full.</param>
[MessageName("team-coordination.notify-team.v1"), Requires(Role.Operator)]
public sealed record NotifyTeam(string Team, string Subject, string Message) : ICommand;
