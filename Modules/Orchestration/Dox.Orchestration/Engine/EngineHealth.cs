using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Engine;

/// <summary>Does this node take work on? It looks for some every second; a database that is away keeps it from that.</summary>
internal sealed class EngineHealth(RunEngine engine, IOptions<EngineOptions> options, TimeProvider clock) : IHealthCheck
{
    private const int MissedLooks = 30;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (engine.IsDraining) return Task.FromResult(HealthCheckResult.Degraded("It stops: runs that it holds are brought to a checkpoint."));
        return Task.FromResult(
            engine.LookedAt is { } at && clock.GetUtcNow() - at > options.Value.PollInterval * MissedLooks
                ? HealthCheckResult.Degraded($"It couldn't look for work since {at:O}.")
                : HealthCheckResult.Healthy());
    }
}
