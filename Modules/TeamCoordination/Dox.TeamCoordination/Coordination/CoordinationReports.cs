using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Coordination;

/// <summary>What a sync of the teams finds: made anew each time, from the banks and from what the database knows.</summary>
internal sealed class CoordinationReports(TeamCoordinationDbContext db, ServiceBanks banks, TeamDirectory teams, ForeignBlockers foreign)
{
    private const int MostBlockers = 200;
    private static readonly string[] s_bad = ["risk", "block", "fail", "error", "down", "unhealthy", "degraded", "critical", "delayed"];

    public async Task<ServiceStatusReport> StatusAsync(CancellationToken cancellationToken)
    {
        var open = await OpenAsync(cancellationToken);
        var services = (await banks.ReadAsync(cancellationToken)).Select(bank => StatusOf(bank, open.Where(blocker => Same(blocker.Service, bank.Service)).ToList())).ToList();
        var perTeam = teams.All.Select(team => StatusOf(team.Name, [.. services.Where(service => service.Team == team.Name)])).ToList();
        return new ServiceStatusReport(
            services, perTeam, services.Count, Count(services, ServiceOutlook.OnTrack), Count(services, ServiceOutlook.AtRisk), perTeam.Count(team => team.OnTrack), Mean(services));
    }

    public async Task<DependencyReport> DependenciesAsync(CancellationToken cancellationToken)
    {
        var status = (await StatusAsync(cancellationToken)).Services.ToDictionary(service => service.Service, StringComparer.OrdinalIgnoreCase);
        var all = (await banks.ReadAsync(cancellationToken)).SelectMany(bank => bank.DependsOn.Select(needed => new ServiceDependency(
            bank.Service, bank.Team, needed, teams.Resolve(null, needed), status.TryGetValue(needed, out var known) ? known.Outlook : ServiceOutlook.Unknown))).ToList();
        var across = all.Where(dependency => dependency.Team != dependency.DependsOnTeam).ToList();
        var open = across.Where(dependency => dependency.Outlook != ServiceOutlook.OnTrack).ToList();
        return new DependencyReport(all, [.. teams.All.Select(team => new TeamDependencies(
            team.Name, Names(open.Where(dependency => dependency.Team == team.Name).Select(dependency => dependency.DependsOn)),
            Names(open.Where(dependency => dependency.DependsOnTeam == team.Name).Select(dependency => dependency.Service))))], across.Count);
    }

    public async Task<BlockerReport> BlockersAsync(CancellationToken cancellationToken)
    {
        var open = (await OpenAsync(cancellationToken)).OrderByDescending(blocker => Rank(blocker.Severity)).ThenBy(blocker => blocker.OpenedAt).ToList();
        return new BlockerReport([.. open.Take(MostBlockers)], open.Count, open.Count(blocker => Rank(blocker.Severity) == (int)BlockerSeverity.Critical));
    }

    private async Task<List<ActiveBlocker>> OpenAsync(CancellationToken cancellationToken)
    {
        var own = await db.Blockers.Where(blocker => blocker.Resolved == null).OrderBy(blocker => blocker.Opened).ToListAsync(cancellationToken);
        var ours = own.Select(blocker => new ActiveBlocker(
            blocker.Id.ToString(), blocker.Severity.ToString().ToLowerInvariant(), blocker.Service, blocker.Team, blocker.Title, blocker.Opened)).ToList();
        return [.. ours, .. await foreign.ReadAsync(cancellationToken)];
    }

    private static ServiceStatus StatusOf(ServiceBank bank, List<ActiveBlocker> blockers)
    {
        var bad = blockers.Exists(blocker => Rank(blocker.Severity) >= (int)BlockerSeverity.High)
            || (bank.Status is { } said && Array.Exists(s_bad, word => said.Contains(word, StringComparison.OrdinalIgnoreCase)));
        var outlook = bad ? ServiceOutlook.AtRisk : bank.Status is null && bank.ProgressPercent is null ? ServiceOutlook.Unknown : ServiceOutlook.OnTrack;
        return new ServiceStatus(bank.Service, bank.Team, outlook, bank.Status, bank.ProgressPercent, blockers.Count, bank.Problem);
    }

    private static TeamStatus StatusOf(string team, List<ServiceStatus> services)
    {
        var atRisk = Count(services, ServiceOutlook.AtRisk);
        return new TeamStatus(team, services.Count, Count(services, ServiceOutlook.OnTrack), atRisk, Mean(services), atRisk == 0);
    }

    private static int Count(List<ServiceStatus> services, ServiceOutlook outlook) => services.Count(service => service.Outlook == outlook);

    private static double? Mean(List<ServiceStatus> services)
    {
        var said = services.Where(service => service.ProgressPercent is not null).Select(service => service.ProgressPercent!.Value).ToList();
        return said.Count == 0 ? null : Math.Round(said.Average(), 1);
    }

    private static IReadOnlyList<string> Names(IEnumerable<string> names) => [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase)];

    private static int Rank(string severity) => Enum.TryParse<BlockerSeverity>(severity, ignoreCase: true, out var known) ? (int)known : (int)BlockerSeverity.Medium;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
