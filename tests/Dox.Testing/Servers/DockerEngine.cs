using Docker.DotNet;
using DotNet.Testcontainers.Configurations;
using NUnit.Framework;

namespace Dox.Testing.Servers;

/// <summary>Whether a Docker engine answers, and whether tests may or must use it.</summary>
/// <remarks><c>DOX_TEST_DOCKER=1</c> makes a missing engine a failure, <c>DOX_TEST_DOCKER=0</c> leaves one alone.</remarks>
public static class DockerEngine
{
    private const string ApiVariable = "DOCKER_API_VERSION";

    private static readonly Version OldestApiExpected = new(1, 44);
    private static readonly Lazy<Task<string?>> Absence = new(FindAbsenceAsync);

    internal static bool Demanded => Environment.GetEnvironmentVariable("DOX_TEST_DOCKER") == "1";

    /// <summary>Why there is no engine to use, or null where there is one.</summary>
    public static Task<string?> GetAbsenceAsync() => Absence.Value;

    /// <summary>Ends the running test where no engine answers: as failed where <c>DOX_TEST_DOCKER=1</c> demands one, else as skipped with the reason.</summary>
    public static async Task RequireAsync()
    {
        if (await GetAbsenceAsync() is not { } reason)
            return;
        if (Demanded)
            Assert.Fail($"DOX_TEST_DOCKER=1, but: {reason}");
        Assert.Ignore(reason);
    }

    internal static IDockerClient CreateClient() =>
        TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.Empty).Build();

    // Must run before anything of Testcontainers: it reads its variables once
    private static async Task AdaptAsync(string docker, CancellationToken cancellationToken)
    {
        // The engine of Debian 12 speaks an API older than the one that Testcontainers asks for
        var api = (await Tool.RunAsync([docker, "version", "--format", "{{.Server.APIVersion}}"], cancellationToken: cancellationToken)).Trim();
        if (Version.TryParse(api, out var version) && version < OldestApiExpected && Environment.GetEnvironmentVariable(ApiVariable) is null)
            Environment.SetEnvironmentVariable(ApiVariable, api);

        // ContainerServer's leash does the reaper's work, and needs no image for it
        TestcontainersSettings.ResourceReaperEnabled = OperatingSystem.IsWindows();
    }

    private static async Task<string?> FindAbsenceAsync()
    {
        if (Environment.GetEnvironmentVariable("DOX_TEST_DOCKER") == "0")
            return "DOX_TEST_DOCKER=0 keeps tests from using Docker.";

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            if (Tool.Find("docker") is { } docker)
                await AdaptAsync(docker, timeout.Token);
            if (TestcontainersSettings.OS.DockerEndpointAuthConfig is null)
                return "No Docker engine answers.";
            using var client = CreateClient();
            await client.System.GetVersionAsync(timeout.Token);
            return null;
        }
        catch (Exception failure) when (failure is DockerApiException or InvalidOperationException or HttpRequestException or IOException or OperationCanceledException or TimeoutException)
        {
            return $"No Docker engine answers: {failure.Message}";
        }
    }
}
