using Dox.Orchestration.Data;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Engine;

/// <summary>For how long runs wait to be worked on.</summary>
internal sealed class QueueMetrics : IMetricReading
{
    private readonly QueueLag _lag;
    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;

    private readonly RuleBook _rules;

    public QueueMetrics(QueueLag lag, RuleBook rules, IServiceScopeFactory scopes, TimeProvider clock)
    {
        (_lag, _rules, _scopes, _clock) = (lag, rules, scopes, clock);
        DoxTelemetry.Meter("Orchestration").CreateObservableGauge("queue_lag", () => lag.Now.TotalSeconds, "s", "Of the run that has waited longest to be worked on.");
    }

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var now = _clock.GetUtcNow();
        // Who waits because its rule wants it so is no sign of too much work
        var limited = _rules.Loaded.Rules.Where(r => r.Limits.Runs is not null).Select(r => r.Name).ToList();
        var due = await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().OpenRuns
            .Where(r => r.WakeAt != null && r.WakeAt <= now && r.Owner == null && !limited.Contains(r.RuleName)).MinAsync(r => r.WakeAt, cancellationToken);
        _lag.Due(due is { } since ? now - since : TimeSpan.Zero);
    }
}
