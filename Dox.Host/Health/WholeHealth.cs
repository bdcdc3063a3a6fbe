using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dox.Host.Health;

/// <summary>How this process fares, and the modules that run in others.</summary>
internal sealed class WholeHealth(HealthCheckService checks, SharedHealth others)
{
    public async Task<HealthReport> CheckAsync(CancellationToken cancellationToken)
    {
        var own = await checks.CheckHealthAsync(cancellationToken);
        var apart = await others.ReadAsync(own, cancellationToken);
        return apart.Count == 0
            ? own
            : new HealthReport(own.Entries.Concat(apart).ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal), own.TotalDuration);
    }
}
