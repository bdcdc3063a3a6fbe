using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>Which services wait for which, as their memory banks say (<c>dependencies</c> or <c>depends_on</c>), and what that means for the teams.</summary>
[MessageName("team-coordination.analyze-cross-team-dependencies.v1"), RuleFunction("analyze_cross_team_dependencies"), Requires(Role.Operator)]
public sealed record AnalyzeCrossTeamDependencies : IQuery<DependencyReport>;

/// <summary>One service needs another.</summary>
/// <param name="Service">Which needs.</param>
/// <param name="Team">Its owner.</param>
/// <param name="DependsOn">What is needed.</param>
/// <param name="DependsOnTeam">Its owner.</param>
/// <param name="Outlook">How what is needed is doing.</param>
public sealed record ServiceDependency(string Service, string Team, string DependsOn, string DependsOnTeam, ServiceOutlook Outlook);

/// <summary>What dependencies mean for a team; only those that aren't on track, and lead to another team, count.</summary>
/// <param name="Team">Its name.</param>
/// <param name="WaitsFor">Services of others that it needs.</param>
/// <param name="HoldsUp">Services of others that need it.</param>
public sealed record TeamDependencies(string Team, IReadOnlyList<string> WaitsFor, IReadOnlyList<string> HoldsUp);

/// <summary>The answer to <see cref="AnalyzeCrossTeamDependencies"/>.</summary>
/// <param name="Dependencies">All of them, by service.</param>
/// <param name="Teams">As they are configured.</param>
/// <param name="CrossTeam">How many lead from one team to another.</param>
public sealed record DependencyReport(IReadOnlyList<ServiceDependency> Dependencies, IReadOnlyList<TeamDependencies> Teams, int CrossTeam);
