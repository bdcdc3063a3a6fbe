using System.Diagnostics.Metrics;
using System.Text.Json;
using Dox.Orchestration.Data;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.Workflows.Interpretation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dox.Orchestration.Engine;

/// <summary>Runs and steps in figures.</summary>
internal sealed class RunMetrics : IMetricReading, IHostedService
{
    private static readonly RunStatus[] Open = [RunStatus.Pending, RunStatus.Running, RunStatus.Retry, RunStatus.Paused, RunStatus.WaitingForHuman, RunStatus.Waiting];

    // Those that any rule can fail for; others come with the first run that does.
    private static readonly string[] Reasons = ["fail", "escalated", "cancelled", "recovered_too_often"];

    private readonly IServiceScopeFactory _scopes;
    private readonly RuleBook _rules;
    private readonly TimeProvider _clock;
    private readonly Counter<long> _started;
    private readonly Counter<long> _completed;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _leasesLost;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stepDuration;
    private volatile IReadOnlyList<Measurement<long>> _active = Active([]);

    public RunMetrics(IServiceScopeFactory scopes, RuleBook rules, TimeProvider clock)
    {
        (_scopes, _rules, _clock) = (scopes, rules, clock);
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

    // An alert on a rate needs the series to be there before the first event.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var rule in _rules.Loaded.Rules)
        {
            var name = new KeyValuePair<string, object?>("rule", rule.Name);
            _started.Add(0, name);
            _completed.Add(0, name);
            foreach (var reason in Reasons) _failed.Add(0, name, new("reason", reason));
            foreach (var status in Enum.GetValues<StepStatus>()) _steps.Add(0, name, new("status", Snake(status)));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var counts = await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().OpenRuns
            .GroupBy(r => r.Status).Select(g => new { g.Key, Count = g.LongCount() }).ToListAsync(cancellationToken);
        _active = Active(counts.ToDictionary(c => c.Key, c => c.Count));
    }

    private static IReadOnlyList<Measurement<long>> Active(Dictionary<RunStatus, long> counts) =>
        [.. Open.Select(s => new Measurement<long>(counts.GetValueOrDefault(s), new KeyValuePair<string, object?>("state", Snake(s))))];

    private static KeyValuePair<string, object?> Rule(HeldRun run) => new("rule", run.Rule.Name);

    private static string Snake<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
