using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Dox.SharedKernel.Infrastructure.Observability;

/// <summary>Traces and metrics: everything from <c>Dox.*</c>, from ASP.NET Core, HTTP clients, the runtime and the process.</summary>
public static class TelemetryRegistration
{
    private static readonly string[] s_unwatched = ["/health", "/metrics"];

    /// <summary>Registers them; they leave by OTLP where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, and metrics by <c>/metrics</c>.</summary>
    /// <param name="builder">The host's.</param>
    /// <param name="service">What the service calls itself.</param>
    /// <param name="version">Of the product.</param>
    public static void AddDoxTelemetry(this IHostApplicationBuilder builder, string service, string version)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var otlp = !string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service, serviceVersion: version))
            .WithTracing(tracing =>
            {
                tracing.AddSource("Dox.*").AddAspNetCoreInstrumentation(o => o.Filter = IsWatched).AddHttpClientInstrumentation();
                if (otlp) tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics =>
            {
                metrics.AddView(SizeOf).AddMeter("Dox.*").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddProcessInstrumentation();
                metrics.AddPrometheusExporter();
                if (otlp) metrics.AddOtlpExporter();
            });
    }

    /// <summary>Maps <c>/metrics</c>, open to all that reach it.</summary>
    public static void MapDoxMetrics(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();
    }

    // Room for all combinations of labels is taken when an instrument is made, 160 KB of it by default. Rules and routes are many; all else has a handful.
    private static MetricStreamConfiguration? SizeOf(Instrument instrument) =>
        instrument.Name.StartsWith("workflow_", StringComparison.Ordinal) || instrument.Name.StartsWith("http.server.", StringComparison.Ordinal) ? null
        : new MetricStreamConfiguration { CardinalityLimit = 200 };

    private static bool IsWatched(HttpContext context) => !Array.Exists(s_unwatched, p => context.Request.Path.StartsWithSegments(p, StringComparison.OrdinalIgnoreCase));
}
