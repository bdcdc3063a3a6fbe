using Dox.Host.Health;

namespace Dox.Host.Observability;

/// <summary>A few figures of this process as JSON, for clients of the earlier services; Prometheus has all of them at <c>/metrics</c>.</summary>
internal static class GetFigures
{
    // What is asked of the parts of a system says nothing of how it answers its users
    private static readonly string[] s_uncounted = ["/health", "/metrics"];

    /// <param name="Uptime">Since the process started, in seconds.</param>
    /// <param name="Components">How the parts fare: <c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</param>
    /// <param name="ErrorRate5m">Part of the requests of the last five minutes that was answered with 5xx, 0 to 1.</param>
    internal sealed record Body(
        bool Success, string Service, string Version, double Uptime, IReadOnlyDictionary<string, string> Components,
        [property: System.Text.Json.Serialization.JsonPropertyName("error_rate_5m")] double ErrorRate5m, DateTimeOffset Timestamp);

    /// <summary>Counts every answer; before all else, so that none is missed.</summary>
    public static void CountErrors(this IApplicationBuilder app)
    {
        var errors = app.ApplicationServices.GetRequiredService<RecentErrors>();
        app.Use(async (http, next) =>
        {
            await next(http);
            if (!Array.Exists(s_uncounted, path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))) errors.Answered(http.Response.StatusCode);
        });
    }

    public static void Map(IEndpointRouteBuilder api, string service, string version) =>
        api.MapGet("/metrics", async (WholeHealth health, RecentErrors errors, TimeProvider clock, CancellationToken cancellationToken) =>
            {
                var report = await health.CheckAsync(cancellationToken);
                var now = clock.GetUtcNow();
                return TypedResults.Ok(new Body(
                    true, service, version, Math.Max(0, (now - HostMetrics.Started).TotalSeconds),
                    report.Entries.ToDictionary(e => e.Key, e => HealthEndpoints.Name(e.Value.Status), StringComparer.Ordinal), errors.Rate, now));
            })
            .WithSummary("A few figures of this process, as JSON.")
            .WithDescription("uptime is in seconds, error_rate_5m a part from 0 to 1. Prometheus reads /metrics, which has all figures.")
            .WithTags(HealthEndpoints.Tag);
}
