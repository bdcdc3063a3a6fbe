using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dox.Orchestration.Rules;

/// <summary>Degraded while a file of rules can't be loaded: whoever put it there believes that it is in force.</summary>
internal sealed class RuleHealth(RuleBook rules) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var broken = rules.Loaded.Files.Where(file => file.Errors.Any()).Select(file => file.FileName).ToList();
        return Task.FromResult(broken.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"Rules that can't be loaded: {string.Join(", ", broken)}. GET /api/v1/rules tells why."));
    }
}
