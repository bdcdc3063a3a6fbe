using System.Diagnostics;
using Dox.Testing;

namespace Dox.Benchmarks;

/// <summary>The host as it is deployed: published, as the image is made.</summary>
internal static class PublishedHost
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Publishes it into <paramref name="folder"/>.</summary>
    public static async Task PublishAsync(string folder)
    {
        string[] arguments =
        [
            "publish", Path.Combine(Repository.Root, "Dox.Host", "Dox.Host.csproj"), "--configuration", "Release", "--output", folder, "--nologo", "--verbosity", "quiet",
        ];
        using var publish = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, UseShellExecute = false })
            ?? throw new InvalidOperationException("dotnet didn't start.");
        using var limit = new CancellationTokenSource(Patience);
        var said = await publish.StandardOutput.ReadToEndAsync(limit.Token);
        await publish.WaitForExitAsync(limit.Token);
        if (publish.ExitCode != 0) throw new InvalidOperationException($"dotnet publish ended with {publish.ExitCode}: {said}");
    }
}
