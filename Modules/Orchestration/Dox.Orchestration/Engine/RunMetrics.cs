using System.Diagnostics.Metrics;
using System.Text.Json;
using Dox.Orchestration.Data;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Engine;

/// <summary>Runs and steps in figures.</summary>
internal sealed class RunMetrics : BackgroundService
{
    private readonly IServiceScopeFactory _scopes;
    private readonly RuleBook _rules;
    private readonly TimeProvider _clock;
    private readonly ILogger<RunMetrics> _log;
    private readonly Counter<long> _started;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _leasesLost;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stepDuration;
    private volatile IReadOnlyList<Measurement<long>> _active = [];

    public RunMetrics(IServiceScopeFactory scopes, RuleBook rules, TimeProvider clock, ILogger<RunMetrics> log)
    {
        (_scopes, _rules, _clock, _log) = (scopes, rules, clock, log);
        var meter = DoxTelemetry.Meter("Orchestration");
        _started = meter.CreateCounter<long>("workflow_started", description: "Runs that were started, by rule.");
        _completed = meter.CreateCounter<long>("workflow_completed", description: "Runs that succeeded, by rule.");
        _failed = meter.CreateCounter<long>("workflow_failed", description: "Runs that failed, by rule and reason.");
        _steps = meter.CreateCounter<long>("workflow_step_completed", description: "Attempts of steps, by rule and status.");
        _leasesLost = meter.CreateCounter<long>("leases_lost", description: "Writes that came too late: the run had another owner.");
        _duration = meter.CreateHistogram("workflow_duration", "s", "From a run's start to its end.", advice: DoxTelemetry.DurationBuckets);
        _stepDuration = meter.CreateHistogram("workflow_step_duration", "s", "Of an attempt.", advice: DoxTelemetry.DurationBuckets);
        meter.CreateObservableGauge("workflow_active_count", () => _active, description: "Open runs, by state.");
        _leasesLost.Add(0);
    }

    public void Started(HeldRun run) => _started.Add(1, Rule(run));

    public void LeaseLost() => _leasesLost.Add(1);

    public void Attempted(HeldRun run, StepAttempt attempt)
    {
        _steps.Add(1, Rule(run), new("status", Snake(attempt.Status)));
        _stepDuration.Record(attempt.DurationMs / 1000, Rule(run));
        if (run.State.HasEnded) Ended(run);
    }

    public void Ended(HeldRun run)
    {
        if (run.State.Status == RunStatus.Success) _completed.Add(1, Rule(run));
        else _failed.Add(1, Rule(run), new("reason", run.State.Error?.Code ?? Snake(run.State.Status)));
        _duration.Record(((run.State.EndedAt ?? _clock.GetUtcNow()) - run.State.StartedAt).TotalSeconds, Rule(run));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // An alert on a rate needs the series to be there before the first event.
        foreach (var rule in _rules.Loaded.Rules)
        {
            _started.Add(0, new KeyValuePair<string, object?>("rule", rule.Name));
            _completed.Add(0, new KeyValuePair<string, object?>("rule", rule.Name));
            _failed.Add(0, new KeyValuePair<string, object?>("rule", rule.Name), new("reason", "fail"));
        }

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

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = _scopes.CreateAsyncScope();
            var counts = await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().OpenRuns
                .GroupBy(r => r.Status).Select(g => new { g.Key, Count = g.LongCount() }).ToListAsync(cancellationToken);
            RunStatus[] open = [RunStatus.Pending, RunStatus.Running, RunStatus.Retry, RunStatus.Paused, RunStatus.WaitingForHuman, RunStatus.Waiting];
            _active = [.. open.Select(s => new Measurement<long>(counts.SingleOrDefault(c => c.Key == s)?.Count ?? 0, new KeyValuePair<string, object?>("state", Snake(s))))];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            _log.LogWarning(e, "The open runs can't be counted for metrics");
        }
    }

    private static KeyValuePair<string, object?> Rule(HeldRun run) => new("rule", run.Rule.Name);

    private static string Snake<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
