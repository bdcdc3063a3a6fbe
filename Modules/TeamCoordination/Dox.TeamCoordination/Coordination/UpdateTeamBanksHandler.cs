using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dox.SharedKernel;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Teams;
using MediatR;

namespace Dox.TeamCoordination.Coordination;

/// <summary>Notes what each team's bank and SUPERVISOR are to show; the writer writes each bank by itself.</summary>
internal sealed class UpdateTeamBanksHandler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, BankSignal signal, TimeProvider clock)
    : IRequestHandler<UpdateTeamBanks, TeamBanksUpdated>
{
    private const string Supervisor = "SUPERVISOR.json";
    private static readonly TimeSpan s_interval = TimeSpan.FromDays(1);

    public async Task<TeamBanksUpdated> Handle(UpdateTeamBanks request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var sync = new Sync($"sync_{IdOf(call.IdempotencyKey, now):N}", now, request.NextSync ?? now + s_interval);
        var alerts = AlertsOf(request);
        Note(Supervisor, SupervisorOf(request, sync, alerts), now);
        foreach (var team in teams.All) Note($"TEAM_{team.Name}.json", TeamOf(team.Name, request, sync), now);
        db.Raise(new TeamsSynchronized(sync.Id, teams.All.Count, now, clock.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
        return new TeamBanksUpdated(sync.Id, teams.All.Count, alerts);
    }

    private void Note(string bank, object update, DateTimeOffset now) =>
        db.BankUpdates.Add(BankUpdateRow.Of(bank, BankUpdateKind.Merge, JsonSerializer.Serialize(update, DoxJson.Options), now, call.Caller.Depth));

    private static List<string> AlertsOf(UpdateTeamBanks request) =>
    [
        .. request.Blockers.Blockers.Where(blocker => blocker.Severity == "critical").Select(blocker => $"{blocker.Team}: {blocker.Title}"),
        .. request.Status.Services.Where(service => service.Problem is not null).Select(service => $"The memory bank of {service.Service} can't be read: {service.Problem}"),
    ];

    private static object SupervisorOf(UpdateTeamBanks request, Sync sync, List<string> alerts) => new
    {
        request.Status.OverallProgressPercent,
        request.Status.ServicesTotal,
        request.Status.ServicesOnTrack,
        request.Status.ServicesAtRisk,
        request.Blockers.BlockersCount,
        request.Blockers.CriticalBlockers,
        request.Status.TeamsOnTrack,
        CriticalAlerts = alerts,
        LastCoordinationSync = sync.At,
        NextCoordinationSync = sync.Next,
        LastCoordinationSyncId = sync.Id,
    };

    private static object TeamOf(string name, UpdateTeamBanks request, Sync sync)
    {
        var status = request.Status.Teams.FirstOrDefault(team => team.Team == name);
        var dependencies = request.Dependencies.Teams.FirstOrDefault(team => team.Team == name);
        var blockers = request.Blockers.Blockers.Where(blocker => blocker.Team == name).ToList();
        return new
        {
            Services = request.Status.Services.Where(service => service.Team == name)
                .ToDictionary(service => service.Service, service => new { service.Outlook, service.Status, service.ProgressPercent, service.OpenBlockers }, StringComparer.Ordinal),
            ServicesTotal = status?.ServicesTotal ?? 0,
            ServicesOnTrack = status?.ServicesOnTrack ?? 0,
            ServicesAtRisk = status?.ServicesAtRisk ?? 0,
            status?.ProgressPercent,
            BlockersCount = blockers.Count,
            CriticalBlockers = blockers.Count(blocker => blocker.Severity == "critical"),
            WaitsFor = dependencies?.WaitsFor ?? [],
            HoldsUp = dependencies?.HoldsUp ?? [],
            LastCoordinationSync = sync.At,
            LastCoordinationSyncId = sync.Id,
        };
    }

    // A step that runs again names the same sync
    private static Guid IdOf(string? key, DateTimeOffset now) =>
        key is null ? Guid.CreateVersion7(now) : new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"sync {key}")).AsSpan(0, 16), bigEndian: true);

    private sealed record Sync(string Id, DateTimeOffset At, DateTimeOffset Next);
}
