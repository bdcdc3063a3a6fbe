using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dox.SharedKernel.Infrastructure.Data;
using Dox.SharedKernel.Infrastructure.Transport;
using Dox.Testing.Hosts;
using Dox.Testing.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Host.Tests.Hosting;

public sealed class HealthTests
{
    [Test]
    public async Task Health_has_the_members_that_earlier_clients_read()
    {
        await using var host = await DoxHostFixture.StartAsync();
        var health = await host.Client.GetFromJsonAsync<JsonElement>(new Uri("/health", UriKind.Relative));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(health.GetProperty("status").GetString(), Is.AnyOf("healthy", "degraded"));
            Assert.That(health.GetProperty("service").GetString(), Is.EqualTo("dox-workflow-orchestrator"));
            Assert.That(health.GetProperty("version").GetString(), Does.Match(@"^\d+\.\d+\.\d+"));
            Assert.That(health.GetProperty("timestamp").GetDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UnixEpoch));
            Assert.That(health.GetProperty("components").EnumerateObject().Select(c => c.Name), Is.SupersetOf([
                "workflow_engine", "state_manager", "event_publisher", "service_connector", "file_validator", "redis", "clamav", "rate_limiter"]));
            Assert.That(health.GetProperty("components").EnumerateObject().Select(c => c.Value.GetString()), Is.All.EqualTo("healthy"));
        }
    }

    [Test]
    public async Task Redis_that_goes_away_makes_a_process_unready_that_reaches_modules_over_it()
    {
        await using var redis = await RedisServer.StartPrivateAsync();
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Modules = [new ProbeModule()],
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["REDIS_HOST"] = redis.Host,
                ["REDIS_PORT"] = $"{redis.Port}",
                ["Dox:Transport:Kind"] = "Redis",
            },
        });
        using var before = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        await redis.StopAsync();
        using var after = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var live = await host.Client.GetAsync(new Uri("/health/live", UriKind.Relative));

        Assert.That(before.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(after.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(live.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Module_that_no_process_hosts_degrades_the_ones_that_need_it()
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup { Database = DatabaseProvider.PostgreSql, Transport = TransportKind.Redis, Hosted = ["Orchestration", "Validation"] });
        using var answer = await host.Client.GetAsync(new Uri("/health", UriKind.Relative));
        using var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        var health = await answer.Content.ReadFromJsonAsync<JsonElement>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.StatusCode, ready.StatusCode, health.GetProperty("status").GetString()), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.OK, "degraded")));
            Assert.That(health.GetProperty("components").GetProperty("team_coordination").GetString(), Is.EqualTo("degraded"));
            Assert.That(health.GetProperty("details").GetProperty("template_matching").GetProperty("description").GetString(), Does.StartWith("No process that hosts it"));
            Assert.That(health.GetProperty("components").TryGetProperty("validation", out _), Is.False, "This process hosts it, and its parts are told one by one.");
        }
    }

    [Test]
    public async Task Rate_of_errors_counts_what_was_answered_with_5xx_in_the_last_five_minutes()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup { Modules = [new ProbeModule()], Clock = clock });
        foreach (var path in new[] { "pages?page=1", "bug", "pages?page=1", "pages?page=1" })
        {
            using var answer = await host.Client.GetAsync(new Uri($"/api/v1/probe/{path}", UriKind.Relative));
        }

        Assert.That(await RateAsync(), Is.EqualTo(0.25));
        clock.Advance(TimeSpan.FromMinutes(4));
        // Its own question was answered well
        Assert.That(await RateAsync(), Is.EqualTo(0.2));
        clock.Advance(TimeSpan.FromMinutes(1.5));
        Assert.That(await RateAsync(), Is.Zero);

        async Task<double> RateAsync() => (await host.Client.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/metrics", UriKind.Relative))).GetProperty("error_rate_5m").GetDouble();
    }

    [TestCase(HealthStatus.Degraded, HttpStatusCode.OK, "degraded")]
    [TestCase(HealthStatus.Unhealthy, HttpStatusCode.ServiceUnavailable, "unhealthy")]
    public async Task Health_is_200_while_it_can_serve(HealthStatus part, HttpStatusCode status, string whole)
    {
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Modules = [new ProbeModule()],
            Services = services => services.AddHealthChecks().AddCheck("part", () => new HealthCheckResult(part, "It rests.")),
        });
        using var answer = await host.Client.GetAsync(new Uri("/health", UriKind.Relative));
        using var live = await host.Client.GetAsync(new Uri("/health/live", UriKind.Relative));

        var health = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(status));
        Assert.That(health.GetProperty("status").GetString(), Is.EqualTo(whole));
        Assert.That(health.GetProperty("details").GetProperty("part").GetProperty("description").GetString(), Is.EqualTo("It rests."));
        Assert.That(live.StatusCode, Is.EqualTo(HttpStatusCode.OK), "A part that rests is no reason to restart the process.");
    }

    [Test]
    public async Task Stop_says_not_ready_first_while_requests_are_still_answered()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var host = await DoxHostFixture.StartAsync(new DoxHostSetup
        {
            Modules = [new ProbeModule()],
            Clock = clock,
            Settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:Http:DrainDelay"] = "00:00:05" },
        });
        using var client = new HttpClient { BaseAddress = host.Client.BaseAddress };
        using var before = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));

        var stopping = host.StopAsync();
        using var ready = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        using var served = await client.GetAsync(new Uri("/api/v1/probe/pages?page=1", UriKind.Relative));
        var draining = await ready.Content.ReadAsStringAsync();
        clock.Advance(TimeSpan.FromSeconds(5));
        await stopping;

        Assert.That(before.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(draining, Is.EqualTo("""{"status":"draining"}"""));
        Assert.That(served.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }
}
