using Dox.SharedKernel.Access;
using Dox.Validation.Data;
using Dox.Validation.RateLimits;
using Dox.Validation.Steps;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dox.Validation;

/// <summary>Whether documents can be opened, as far as the last one told.</summary>
internal sealed class FileValidatorHealth(FormatStep format) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        format.ReaderIsMissing ? HealthCheckResult.Unhealthy("The document reader can't be started; the log says why.") : HealthCheckResult.Healthy());
}

/// <summary>Whether the limits' log can be read.</summary>
internal sealed class RateLimiterHealth(RateLimiter limiter, RedisAbsence absence) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await limiter.PeekAsync(Quota.Documents, Caller.System, cancellationToken);
        return absence.IsOn
            ? HealthCheckResult.Degraded("Redis doesn't answer: the database keeps the limits, at a share of what they are.")
            : HealthCheckResult.Healthy();
    }
}
