using System.Diagnostics;
using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dox.Testing.Servers;

/// <summary>A server in a container.</summary>
internal sealed class ContainerServer(ServerRecipe recipe) : IServerRun
{
    // Removes the container when this process has ended, however it ended; see LocalServer's leash. In a session of its own and nobody's
    // child, since a test run that hangs is ended with its whole group or tree, and the container is in neither.
    private const string Leash = """
        exec 3<&0 >/dev/null 2>&1
        $(command -v setsid) sh -c 'read -r _ <&3; exec docker rm --force --volumes "$1"' sh "$1" &
        """;

    private readonly IDockerClient _client = DockerEngine.CreateClient();
    private IContainer? _container;
    private Process? _leash;

    public string Host => _container?.Hostname ?? "127.0.0.1";

    // A port that Docker chooses would be another one after each start
    public int Port { get; } = LocalServer.FreePort();

    public async Task LaunchAsync(CancellationToken cancellationToken)
    {
        if (_container is not null)
        {
            await _client.Containers.StartContainerAsync(_container.Id, new ContainerStartParameters(), cancellationToken);
            return;
        }

        var builder = new ContainerBuilder(recipe.Image)
            .WithLogger(NullLogger.Instance)
            .WithEnvironment(recipe.ContainerEnvironment)
            .WithPortBinding(Port, recipe.ContainerPort);
        if (recipe.ContainerEntrypoint.Count > 0)
            builder = builder.WithEntrypoint([.. recipe.ContainerEntrypoint]);
        if (recipe.ContainerCommand.Count > 0)
            builder = builder.WithCommand([.. recipe.ContainerCommand]);
        foreach (var (path, content) in recipe.ContainerFiles)
            builder = builder.WithResourceMapping(Encoding.UTF8.GetBytes(content), path);

        _container = builder.Build();
        await _container.StartAsync(cancellationToken);
        if (!TestcontainersSettings.ResourceReaperEnabled)
            _leash = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Leash, "sh", _container.Id]) { RedirectStandardInput = true, UseShellExecute = false });
    }

    public async Task<bool> HasExitedAsync() =>
        _container is null || (await _client.Containers.InspectContainerAsync(_container.Id)).State is not { Running: true };

    public async Task EndAsync(string signal, CancellationToken cancellationToken)
    {
        if (await HasExitedAsync())
            return;
        await _client.Containers.KillContainerAsync(_container!.Id, new ContainerKillParameters { Signal = $"SIG{signal}" }, cancellationToken);
        await _client.Containers.WaitContainerAsync(_container.Id, cancellationToken);
    }

    public Task WriteAsync(string file, string content) => _container!.CopyAsync(Encoding.UTF8.GetBytes(content), $"{recipe.ContainerFolder}/{file}");

    public async Task<string> ReadLogAsync()
    {
        if (_container is not { State: not TestcontainersStates.Undefined })
            return "";
        var (output, errors) = await _container.GetLogsAsync(timestampsEnabled: false);
        return output + errors;
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is not null)
            await _container.DisposeAsync();
        _client.Dispose();
        _leash?.Dispose();
    }
}
