using System.Diagnostics.Metrics;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.TeamCoordination;

/// <summary>How much waits for each team, and for how long.</summary>
internal sealed class CoordinationMetrics : IMetricReading
{
    private readonly IServiceScopeFactory _scopes;
    private readonly TeamDirectory _teams;
    private readonly TimeProvider _clock;
    private volatile IReadOnlyList<TeamSummary> _waiting;

    public CoordinationMetrics(IServiceScopeFactory scopes, TeamDirectory teams, TimeProvider clock)
    {
        (_scopes, _teams, _clock) = (scopes, teams, clock);
        _waiting = [.. teams.All.Select(t => new TeamSummary(t.Name, t.Services, 0, null, 0, null))];
        var meter = DoxTelemetry.Meter("TeamCoordination");
        meter.CreateObservableGauge("review_open_count", () => Each(t => (long)t.OpenReviews), description: "Reviews that wait for a decision.");
        meter.CreateObservableGauge("review_age", () => Each(t => t.OldestReviewAgeSeconds ?? 0), "s", "Age of the oldest review that waits.");
        meter.CreateObservableGauge("blocker_open_count", () => Each(t => (long)t.OpenBlockers), description: "Blockers that nobody has resolved.");
        meter.CreateObservableGauge("blocker_age", () => Each(t => t.OldestBlockerAgeSeconds ?? 0), "s", "Age of the oldest blocker that nobody has resolved.");
    }

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TeamCoordinationDbContext>();
        var load = await TeamLoad.ReadAsync(db, _clock.GetUtcNow(), cancellationToken);
        _waiting = [.. _teams.All.Select(load.Of)];
    }

    private IEnumerable<Measurement<T>> Each<T>(Func<TeamSummary, T> figure)
        where T : struct =>
        _waiting.Select(t => new Measurement<T>(figure(t), new KeyValuePair<string, object?>("team", t.Name)));
}
