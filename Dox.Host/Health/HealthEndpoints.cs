using Dox.SharedKernel.Infrastructure.Observability;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Dox.Host.Health;

/// <summary>How this process and its parts fare. Open to all that reach it, so it tells no addresses.</summary>
internal static class HealthEndpoints
{
    public const string Tag = "Operations";

    // Other processes take one that told nothing for a minute as gone
    private static readonly TimeSpan s_firstPublished = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_published = TimeSpan.FromSeconds(15);

    public static void AddDoxHealth(this IServiceCollection services)
    {
        services.AddSingleton<WholeHealth>();
        services.Configure<HealthCheckPublisherOptions>(options => (options.Delay, options.Period) = (s_firstPublished, s_published));
        services.AddSingleton<Readiness>();
        services.AddHostedService(provider => provider.GetRequiredService<Readiness>());
        services.AddHealthChecks().AddKernelHealth();
    }

    public static void MapDoxHealth(this IEndpointRouteBuilder app, string service, string version)
    {
        app.MapGet("/health", async (WholeHealth health, TimeProvider clock, CancellationToken cancellationToken) =>
            {
                var report = await health.CheckAsync(cancellationToken);
                return TypedResults.Json(
                    new HealthReportBody(
                        Name(report.Status), service, version, clock.GetUtcNow(),
                        report.Entries.ToDictionary(e => e.Key, e => Name(e.Value.Status), StringComparer.Ordinal),
                        report.Entries.ToDictionary(
                            e => e.Key, e => new ComponentBody(Name(e.Value.Status), e.Value.Description, e.Value.Duration.TotalMilliseconds, e.Value.Data), StringComparer.Ordinal)),
                    statusCode: report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
            })
            .WithSummary("How the service and its parts fare; 200 while it can serve.").WithTags(Tag).AllowAnonymous();

        app.MapGet("/health/live", () => TypedResults.Ok(new StateBody("alive")))
            .WithSummary("This process alone: it answers.").WithTags(Tag).AllowAnonymous();

        app.MapGet("/health/ready", async (Readiness readiness, HealthCheckService checks, CancellationToken cancellationToken) =>
            {
                if (readiness.State != "ready") return TypedResults.Json(new StateBody(readiness.State), statusCode: StatusCodes.Status503ServiceUnavailable);
                var report = await checks.CheckHealthAsync(c => c.Tags.Contains(KernelHealth.ReadyTag), cancellationToken);
                return report.Status == HealthStatus.Unhealthy
                    ? TypedResults.Json(new StateBody("not_ready"), statusCode: StatusCodes.Status503ServiceUnavailable)
                    : TypedResults.Json(new StateBody("ready"));
            })
            .WithSummary("Whether requests should be sent here: not while it starts or drains.").WithTags(Tag).AllowAnonymous();
    }

    public static string Name(HealthStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>What <c>/health</c> answers. <see cref="Components"/> is what earlier clients read; <see cref="Details"/> says more.</summary>
    internal sealed record HealthReportBody(
        string Status, string Service, string Version, DateTimeOffset Timestamp, IReadOnlyDictionary<string, string> Components,
        IReadOnlyDictionary<string, ComponentBody> Details);

    internal sealed record ComponentBody(string Status, string? Description, double DurationMs, IReadOnlyDictionary<string, object> Data);

    internal sealed record StateBody(string Status);
}
