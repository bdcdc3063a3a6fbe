using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>A synchronisation of the teams is noted: their banks will show it.</summary>
/// <param name="SyncId">The synchronisation, <c>sync_…</c>.</param>
/// <param name="TeamsUpdated">How many teams' banks.</param>
/// <param name="Began">When it began, UTC.</param>
/// <param name="Ended">When it was noted, UTC.</param>
[MessageName("team-coordination.teams-synchronized.v1")]
public sealed record TeamsSynchronized(string SyncId, int TeamsUpdated, DateTimeOffset Began, DateTimeOffset Ended) : IIntegrationEvent;
