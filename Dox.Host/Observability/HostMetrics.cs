using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dox.SharedKernel.Infrastructure.Content;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Dox.Host.Observability;

/// <summary>Metrics of the process and its machine, and the health of its parts as it was last looked at: 1 healthy, 0.5 degraded, 0 unhealthy.</summary>
internal sealed class HostMetrics : IHealthCheckPublisher, IDisposable
{
    private readonly Meter _meter = new("Dox.Host");
    private volatile IReadOnlyList<Measurement<double>> _health = [];

    public HostMetrics(IOptions<ContentOptions> content)
    {
        var path = Path.GetFullPath(content.Value.Path);
        _meter.CreateObservableGauge("process_start_time", () => Started.ToUnixTimeMilliseconds() / 1000.0, "s", "When the process started, in seconds since 1970.");
        _meter.CreateObservableGauge("process_memory_limit", () => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, "By", "Memory that the process may use.");
        _meter.CreateObservableGauge("process_cpu_limit", () => Environment.ProcessorCount, description: "Processors that the process may use.");
        _meter.CreateObservableGauge("disk_free", () => DriveOf(path)?.AvailableFreeSpace ?? 0, "By", "Free on the disk that holds content.");
        _meter.CreateObservableGauge("disk_size", () => DriveOf(path)?.TotalSize ?? 0, "By", "Size of the disk that holds content.");
        _meter.CreateObservableGauge("service_health_status", () => _health, description: "Health of a part: 1 healthy, 0.5 degraded, 0 unhealthy.");
    }

    /// <summary>When the process started. UTC.</summary>
    public static DateTimeOffset Started { get; } = new(Process.GetCurrentProcess().StartTime.ToUniversalTime());

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _health = [.. report.Entries.Select(e => new Measurement<double>(Number(e.Value.Status), new KeyValuePair<string, object?>("service", e.Key)))];
        return Task.CompletedTask;
    }

    public void Dispose() => _meter.Dispose();

    private static double Number(HealthStatus status) => status switch { HealthStatus.Healthy => 1, HealthStatus.Degraded => 0.5, _ => 0 };

    // The mount with the longest path that leads to the folder.
    private static DriveInfo? DriveOf(string path) => Array.FindAll(DriveInfo.GetDrives(), d => path.StartsWith(d.Name, StringComparison.Ordinal)).MaxBy(d => d.Name.Length);
}
