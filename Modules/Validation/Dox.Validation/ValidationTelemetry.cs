using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.Validation.Contracts;
using Dox.Validation.RateLimits;

namespace Dox.Validation;

internal static class ValidationTelemetry
{
    private const string Module = "Validation";

    private static readonly Meter s_meter = DoxTelemetry.Meter(Module);

    private static readonly Counter<long> s_scans = s_meter.CreateCounter<long>("validation_scan", description: "Files that were to be scanned, by verdict.");

    private static readonly Counter<long> s_rescans = s_meter.CreateCounter<long>("validation_rescan", description: "Contents that were scanned again after they were let in, by verdict.");

    private static readonly Histogram<double> s_durations =
        s_meter.CreateHistogram("validation_duration", "s", "Time of a step.", advice: DoxTelemetry.DurationBuckets);

    private static readonly Counter<long> s_rejected = s_meter.CreateCounter<long>("validation_rejected", description: "Files that a step refused, by what they are called then.");

    private static readonly Counter<long> s_fallback = s_meter.CreateCounter<long>("rate_limit_fallback", description: "Questions to the limits that the database answered, at a share, because Redis was away.");

    private static readonly Counter<long> s_limited = s_meter.CreateCounter<long>("rate_limit_hits", description: "Documents that a limit refused, by whose it is.");

    public static ActivitySource Source => DoxTelemetry.Source(Module);

    /// <summary>Makes every count visible before the first file.</summary>
    public static void ExportZeros()
    {
        foreach (var verdict in Enum.GetValues<ScanVerdict>()) Zero(verdict);
        foreach (var status in Enum.GetValues<FinalStatus>().Where(s => s != FinalStatus.Valid)) s_rejected.Add(0, Tag("rule", Name(status)));
        s_fallback.Add(0);
        foreach (var scope in RateLimiter.Scopes) s_limited.Add(0, Tag("scope", scope));
    }

    public static void Scanned(ScanVerdict verdict) => s_scans.Add(1, Tag("result", Name(verdict)));

    public static void Rescanned(ScanVerdict verdict) => s_rescans.Add(1, Tag("result", Name(verdict)));

    public static void ObserveBacklog(Func<long> backlog) =>
        s_meter.CreateObservableGauge("validation_unscanned_backlog", backlog, description: "Contents that were let in unscanned and wait for the scanner.");

    public static void ObserveUsage(Func<IReadOnlyList<(string Scope, double Share)>> shares) => s_meter.CreateObservableGauge(
        "rate_limit_usage_ratio", () => shares().Select(s => new Measurement<double>(s.Share, Tag("scope", s.Scope))),
        description: "The largest share of a limit that a sender of documents had used up in the last minutes, by whose it is.");

    public static void FellBack() => s_fallback.Add(1);

    public static void Limited(string scope) => s_limited.Add(1, Tag("scope", scope));

    public static void Finished(StepResult result)
    {
        s_durations.Record(result.DurationMs / 1000, Tag("step", result.Step));
        if (!result.Passed) s_rejected.Add(1, Tag("rule", Name(result.Status)));
    }

    public static void ObserveScanner(Func<bool> selfTestPassed, Func<long> signatureVersion)
    {
        s_meter.CreateObservableGauge("scanner_selftest_ok", () => selfTestPassed() ? 1 : 0, description: "Whether the scanner's last self-test passed.");
        s_meter.CreateObservableGauge("scanner_signature_version", signatureVersion, description: "Version of the scanner's signatures; 0 where it doesn't tell.");
    }

    private static void Zero(ScanVerdict verdict)
    {
        s_scans.Add(0, Tag("result", Name(verdict)));
        s_rescans.Add(0, Tag("result", Name(verdict)));
    }

    /// <summary>A value's name on the wire.</summary>
    public static string Name<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);
}
