using System.Globalization;
using System.Net;
using Dox.Host.Demo.Samples;
using Dox.Testing.Processes;
using Dox.Testing.Servers;

namespace Dox.Host.Tests.Crash;

/// <summary>The database and Redis go away under a host that has nothing to do, for longer than all that looks at them now and then rests.</summary>
public sealed class OutageTests
{
    [Test]
    public async Task Host_outlives_servers_that_are_away()
    {
        var folder = Directory.CreateTempSubdirectory("dox-outage-");
        await using var postgres = await PostgresServer.StartPrivateAsync(durable: true);
        await using var redis = await RedisServer.StartPrivateAsync();
        await using var host = await HostProcess.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["DOX_DATA_PATH"] = folder.FullName,
            ["Dox__Database__ConnectionString"] = await postgres.CreateDatabaseAsync(),
            ["Dox__Transport__Kind"] = "Redis",
            ["REDIS_HOST"] = redis.Host,
            ["REDIS_PORT"] = redis.Port.ToString(CultureInfo.InvariantCulture),
            ["CLAMAV_ENABLED"] = "false",
        });

        await postgres.KillAsync();
        await redis.KillAsync();
        // The one that looks most seldom, but for those that look hourly
        await host.WhenItSaysAsync("Scanning again what was let in failed", TimeSpan.FromSeconds(60));
        await postgres.StartAsync();
        await redis.StartAsync();
        await host.WhenReadyAsync();
        var (status, body) = await host.Client.SendAsync(SampleLibrary.Invoice(7, TimeProvider.System));

        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), body.ToString());
        Assert.That((string?)(await host.Client.AtRestAsync((string)body["document_id"]!))["status"], Is.EqualTo("completed"));
        folder.Delete(recursive: true);
    }
}
