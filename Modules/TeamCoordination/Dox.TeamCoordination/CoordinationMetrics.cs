using System.Diagnostics.Metrics;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.TeamCoordination;

/// <summary>How much waits for each team, and for how long. Read every ten seconds: a scrape never waits for a database.</summary>
internal sealed class CoordinationMetrics : BackgroundService
{
    private readonly IServiceScopeFactory _scopes;
    private readonly TeamDirectory _teams;
    private readonly TimeProvider _clock;
    private readonly ILogger<CoordinationMetrics> _log;
    private volatile IReadOnlyList<TeamSummary> _waiting;

    public CoordinationMetrics(IServiceScopeFactory scopes, TeamDirectory teams, TimeProvider clock, ILogger<CoordinationMetrics> log)
    {
        (_scopes, _teams, _clock, _log) = (scopes, teams, clock, log);
        _waiting = [.. teams.All.Select(t => new TeamSummary(t.Name, t.Services, 0, null, 0, null))];
        var meter = DoxTelemetry.Meter("TeamCoordination");
        meter.CreateObservableGauge("review_open_count", () => Each(t => (long)t.OpenReviews), description: "Reviews that wait for a decision.");
        meter.CreateObservableGauge("review_age", () => Each(t => t.OldestReviewAgeSeconds ?? 0), "s", "Age of the oldest review that waits.");
        meter.CreateObservableGauge("blocker_open_count", () => Each(t => (long)t.OpenBlockers), description: "Blockers that nobody has resolved.");
        meter.CreateObservableGauge("blocker_age", () => Each(t => t.OldestBlockerAgeSeconds ?? 0), "s", "Age of the oldest blocker that nobody has resolved.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10), _clock);
        try
        {
            do
            {
                await RefreshAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<TeamCoordinationDbContext>();
            var load = await TeamLoad.ReadAsync(db, _clock.GetUtcNow(), cancellationToken);
            _waiting = [.. _teams.All.Select(load.Of)];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _log.LogWarning(e, "Reviews and blockers can't be counted for metrics");
        }
    }

    private IEnumerable<Measurement<T>> Each<T>(Func<TeamSummary, T> figure)
        where T : struct =>
        _waiting.Select(t => new Measurement<T>(figure(t), new KeyValuePair<string, object?>("team", t.Name)));
}
