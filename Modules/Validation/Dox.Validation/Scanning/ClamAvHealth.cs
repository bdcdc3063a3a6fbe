using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dox.Validation.Scanning;

/// <summary>Healthy with a scanner whose self-test passed, or with none wanted; degraded without one: documents are still taken, and wait for it or pass unscanned, as <c>CLAMAV_ENABLED</c> says.</summary>
internal sealed class ClamAvHealth(ScannerWatch watch) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (watch.Mode == ScannerMode.False) return HealthCheckResult.Healthy("The scanner is switched off: nothing is scanned.");
        if (watch.Last is not { } state) return HealthCheckResult.Degraded("The scanner is being tested.");
        if (!state.IsReady) return HealthCheckResult.Degraded(string.Join(' ', state.Problems));

        try
        {
            var stats = await state.Client!.StatsAsync(cancellationToken);
            return HealthCheckResult.Healthy($"{state.Version!.Full}, self-test passed.", new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["self_test"] = state.At,
                ["queue"] = stats.Split('\n').FirstOrDefault(line => line.StartsWith("QUEUE:", StringComparison.Ordinal))?["QUEUE:".Length..].Trim() ?? "",
            });
        }
        catch (ClamdException e)
        {
            return HealthCheckResult.Degraded(e.Message, e);
        }
    }
}
