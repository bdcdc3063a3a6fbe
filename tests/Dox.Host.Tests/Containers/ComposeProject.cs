using System.Security.Cryptography;
using Dox.Testing;
using Dox.Testing.Servers;

namespace Dox.Host.Tests.Containers;

/// <summary>deploy/compose.yaml, brought up under a name, a port and secrets of its own, and taken down with its volumes.</summary>
internal sealed class ComposeProject : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly string _name = $"dox-test-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
    private readonly Dictionary<string, string> _environment;

    public ComposeProject()
    {
        Port = LocalServer.FreePort();
        _environment = new(StringComparer.Ordinal)
        {
            ["COMPOSE_PROJECT_NAME"] = _name,
            ["COMPOSE_PROFILES"] = "infrastructure,services",
            ["POSTGRES_PASSWORD"] = NewSecret(),
            ["REDIS_PASSWORD"] = NewSecret(),
            ["API_KEY"] = ApiKey,
            ["DOX_BIND"] = "127.0.0.1",
            ["DOX_PORT"] = $"{Port}",
            ["DOX_PORT_5001"] = $"{LocalServer.FreePort()}",
            ["DOX_PORT_5002"] = $"{LocalServer.FreePort()}",
            ["DOX_PORT_5003"] = $"{LocalServer.FreePort()}",
            ["DOX_PORT_5007"] = $"{LocalServer.FreePort()}",
            ["DOX_VERSION"] = "compose-test",
            ["DOCKER_BUILDKIT"] = "0",
            ["COMPOSE_DOCKER_CLI_BUILD"] = "0",
        };
    }

    public int Port { get; }

    public string ApiKey { get; } = NewSecret();

    public static string Image => "dox/workflow-orchestrator:compose-test";

    public Task UpAsync() => ComposeAsync("up", "--detach", "--build");

    public async Task<string> ContainerAsync(string service) => (await ComposeAsync("ps", "--quiet", service)).Trim();

    public Task<string> LogAsync() => ComposeAsync("logs", "--no-color", "--tail=200");

    public static async Task<string> DockerAsync(params string[] arguments)
    {
        using var limit = new CancellationTokenSource(Limit);
        return (await Tool.RunAsync(["docker", .. arguments], cancellationToken: limit.Token)).Trim();
    }

    public async ValueTask DisposeAsync() => await ComposeAsync("down", "--volumes", "--remove-orphans");

    private static string NewSecret() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private async Task<string> ComposeAsync(params string[] arguments)
    {
        string[] compose = Tool.Find("docker-compose") is { } standalone ? [standalone] : ["docker", "compose"];
        using var limit = new CancellationTokenSource(Limit);
        return await Tool.RunAsync([.. compose, "--file", Path.Combine(Repository.Root, "deploy", "compose.yaml"), .. arguments], _environment, limit.Token);
    }
}
