using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>Writes what a sync found into the bank of each team and into SUPERVISOR, each written by itself.</summary>
/// <param name="Status">What <see cref="AggregateServiceStatus"/> answered.</param>
/// <param name="Dependencies">What <see cref="AnalyzeCrossTeamDependencies"/> answered.</param>
/// <param name="Blockers">What <see cref="IdentifyActiveBlockers"/> answered.</param>
/// <param name="NextSync">When the next one is due; a day from now where not given.</param>
[MessageName("team-coordination.update-team-banks.v1"), RuleFunction("update_team_memory_banks_parallel"), Requires(Role.Operator)]
public sealed record UpdateTeamBanks(ServiceStatusReport Status, DependencyReport Dependencies, BlockerReport Blockers, DateTimeOffset? NextSync = null) : ICommand<TeamBanksUpdated>;

/// <summary>The answer to <see cref="UpdateTeamBanks"/>.</summary>
/// <param name="SyncId">Names this sync; it stands in each bank.</param>
/// <param name="TeamsUpdated">How many teams' banks.</param>
/// <param name="CriticalAlerts">What SUPERVISOR is alerted to, a line each.</param>
public sealed record TeamBanksUpdated(string SyncId, int TeamsUpdated, IReadOnlyList<string> CriticalAlerts);
