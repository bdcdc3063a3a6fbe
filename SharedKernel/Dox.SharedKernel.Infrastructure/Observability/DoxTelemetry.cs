using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Dox.SharedKernel.Infrastructure.Observability;

/// <summary>One <see cref="ActivitySource"/> and one <see cref="Meter"/> for each module: <c>Dox.Validation</c> and so on; <c>Dox.Kernel</c> for the plumbing.</summary>
public static class DoxTelemetry
{
    private static readonly ConcurrentDictionary<string, ActivitySource> s_sources = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Meter> s_meters = new(StringComparer.Ordinal);

    /// <summary>Buckets for durations in seconds, from 1 ms to 10 min.</summary>
    public static InstrumentAdvice<double> DurationBuckets { get; } = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 150, 300, 600],
    };

    /// <summary>The module's source of spans.</summary>
    public static ActivitySource Source(string module) => s_sources.GetOrAdd(module, static m => new ActivitySource($"Dox.{m}"));

    /// <summary>The module's meter.</summary>
    public static Meter Meter(string module) => s_meters.GetOrAdd(module, static m => new Meter($"Dox.{m}"));
}
