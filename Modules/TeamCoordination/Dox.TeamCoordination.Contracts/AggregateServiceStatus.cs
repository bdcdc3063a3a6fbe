using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>How a service is doing, as far as anybody wrote it down.</summary>
public enum ServiceOutlook
{
    /// <summary>Its memory bank says nothing bad, and no serious blocker is open.</summary>
    OnTrack,

    /// <summary>Its memory bank says so, or a high or critical blocker is open.</summary>
    AtRisk,

    /// <summary>It has no memory bank that can be read, or that says anything of its state.</summary>
    Unknown,
}

/// <summary>Reads the memory bank of each service, and sums up by team.</summary>
[MessageName("team-coordination.aggregate-service-status.v1"), RuleFunction("aggregate_service_status"), Requires(Role.Operator)]
public sealed record AggregateServiceStatus : IQuery<ServiceStatusReport>;

/// <summary>A service.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Team">Who owns it.</param>
/// <param name="Outlook">How it is doing.</param>
/// <param name="Status">In its bank's own words.</param>
/// <param name="ProgressPercent">0 to 100, where its bank says.</param>
/// <param name="OpenBlockers">How many are open.</param>
/// <param name="Problem">Why its bank can't be read.</param>
public sealed record ServiceStatus(string Service, string Team, ServiceOutlook Outlook, string? Status, double? ProgressPercent, int OpenBlockers, string? Problem);

/// <summary>A team's services together.</summary>
/// <param name="Team">Its name.</param>
/// <param name="ServicesTotal">How many it owns.</param>
/// <param name="ServicesOnTrack">Of which that many are on track.</param>
/// <param name="ServicesAtRisk">And that many at risk.</param>
/// <param name="ProgressPercent">The mean of those that say; null where none does.</param>
/// <param name="OnTrack">None is at risk.</param>
public sealed record TeamStatus(string Team, int ServicesTotal, int ServicesOnTrack, int ServicesAtRisk, double? ProgressPercent, bool OnTrack);

/// <summary>The answer to <see cref="AggregateServiceStatus"/>.</summary>
/// <param name="Services">By name.</param>
/// <param name="Teams">As they are configured.</param>
/// <param name="ServicesTotal">How many there are.</param>
/// <param name="ServicesOnTrack">Of which that many are on track.</param>
/// <param name="ServicesAtRisk">And that many at risk.</param>
/// <param name="TeamsOnTrack">Teams without a service at risk.</param>
/// <param name="OverallProgressPercent">The mean of the services that say; null where none does.</param>
public sealed record ServiceStatusReport(
    IReadOnlyList<ServiceStatus> Services, IReadOnlyList<TeamStatus> Teams, int ServicesTotal, int ServicesOnTrack, int ServicesAtRisk, int TeamsOnTrack, double? OverallProgressPercent);
