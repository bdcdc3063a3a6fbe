using System.Diagnostics;
using Dox.Host.Demo.Samples;
using Dox.Testing.Hosts;

namespace Dox.Host.Tests.Hosting;

public sealed class MetricsTests
{
    // Names are part of the product: dashboards and alerts rest on them. Counters are there, at 0, before anything happened.
    private static readonly string[] FromTheStart =
    [
        "workflow_started_total", "workflow_completed_total", "workflow_failed_total", "workflow_active_count", "leases_lost_total", "invariant_violations_total", "validation_scan_total", "validation_rejected_total",
        "rate_limit_hits_total", "rate_limit_usage_ratio", "rate_limit_fallback_total", "scanner_selftest_ok", "scanner_signature_version", "validation_rescan_total", "template_match_total", "review_open_count", "review_age_seconds", "blocker_open_count", "outbox_pending", "outbox_lag_seconds",
        "workflow_step_completed_total", "leases_lost_total", "queue_lag_seconds", "redis_connected", "redis_memory_bytes", "db_connections", "outbox_dead",
        "process_start_time_seconds", "process_memory_limit_bytes", "process_cpu_limit", "disk_free_bytes", "disk_size_bytes",
    ];

    private static readonly string[] OnceADocumentWentThrough =
        ["workflow_duration_seconds_bucket", "workflow_step_duration_seconds_bucket", "validation_duration_seconds_bucket", "template_match_confidence_bucket"];

    // Names that earlier dashboards know, and two of the framework, which promtool would have otherwise.
    private static readonly string[] Kept = ["workflow_active_count", "review_open_count", "blocker_open_count", "process_thread_count", "process_unix_file_descriptor_count"];

    [Test]
    public async Task Metrics_have_the_names_that_dashboards_know_and_promtool_reads_them()
    {
        await using var host = await DoxHostFixture.StartAsync();
        var before = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        using (Assert.EnterMultipleScope())
        {
            foreach (var name in FromTheStart) Assert.That(before, Does.Match($"(?m)^{name}[{{ ]"), $"{name} isn't there from the start");
        }

        var sample = SampleLibrary.All(1, TimeProvider.System).First(s => s.FileName.EndsWith(".pdf", StringComparison.Ordinal));
        using var content = new ByteArrayContent(sample.Content);
        using var sent = await host.Client.PostAsync(new Uri($"/api/v1/documents?filename={sample.FileName}", UriKind.Relative), content);
        sent.EnsureSuccessStatusCode();
        await host.WhenQuiet();

        var after = await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        using (Assert.EnterMultipleScope())
        {
            foreach (var name in OnceADocumentWentThrough) Assert.That(after, Does.Match($"(?m)^{name}{{"), $"{name} isn't there after a document");
        }

        Assert.That(await ComplaintsAsync(after), Is.Empty);
    }

    [Test]
    public async Task Metrics_can_be_turned_off()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Modules = [new ProbeModule()],
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["METRICS_ENABLED"] = "false" },
        });
        using var answer = await host.Client.GetAsync(new Uri("/metrics", UriKind.Relative));

        Assert.That(answer.IsSuccessStatusCode, Is.False);
    }

    private static async Task<IReadOnlyList<string>> ComplaintsAsync(string metrics)
    {
        var promtool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(f => Path.Combine(f, "promtool")).FirstOrDefault(File.Exists);
        if (promtool is null) Assert.Ignore("promtool isn't installed (Debian: prometheus); tests/run.sh installs it.");

        // Our own: the runtime's and the framework's names aren't ours to choose.
        var ours = metrics.Split('\n').Where(l => !l.Contains("dotnet_", StringComparison.Ordinal) && !l.Contains("aspnetcore_", StringComparison.Ordinal)
            && !l.Contains("http_", StringComparison.Ordinal) && !l.Contains("kestrel_", StringComparison.Ordinal) && !l.Contains("target_info", StringComparison.Ordinal));
        using var process = Process.Start(new ProcessStartInfo(promtool, ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(string.Join('\n', ours));
        process.StandardInput.Close();
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !Array.Exists(Kept, l.StartsWith))];
    }
}
