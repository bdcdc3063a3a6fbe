using System.Net.Sockets;
using Dox.Testing.Servers;

namespace Dox.SharedKernel.Tests.Servers;

/// <summary>Containers and binaries are started, stopped and left behind the same way, whichever a machine has.</summary>
[TestFixture(ServerKind.Binary)]
[TestFixture(ServerKind.Container, Category = "Docker")]
internal sealed class ServerRunTests(ServerKind kind)
{
    private static readonly ServerRecipe[] Recipes = [PostgresServer.Recipe(), RedisServer.Recipe(), ClamdServer.Recipe()];

    [OneTimeSetUp]
    public async Task RequireDocker()
    {
        if (kind == ServerKind.Container)
            await DockerEngine.RequireAsync();
        else if (Recipes.FirstOrDefault(recipe => recipe.FindBinary() is null) is { } absent)
            Assert.Ignore($"{absent.Name} isn't installed on this machine: {absent.Install}.");
    }

    [TestCaseSource(nameof(Recipes))]
    public async Task Server_can_be_stopped_killed_and_started_at_one_address(ServerRecipe recipe)
    {
        await using var run = await TestServer.StartOneAsync(recipe, kind);
        foreach (var signal in (string[])[recipe.StopSignal, "KILL"])
        {
            await run.EndAsync(signal, CancellationToken.None);
            Assert.That(await AnswersAsync(recipe, run), Is.False, signal);

            await TestServer.LaunchAsync(run, recipe, relaunches: 100);
            Assert.That(await AnswersAsync(recipe, run), Is.True, $"after {signal}");
        }
    }

    [TestCaseSource(nameof(Recipes))]
    public async Task Server_that_is_left_behind_ends_and_leaves_nothing(ServerRecipe recipe)
    {
        var run = await TestServer.StartOneAsync(recipe, kind);

        await run.DisposeAsync();

        Assert.That(await AnswersAsync(recipe, run), Is.False);
        if (run is LocalServer local)
            Assert.That(Directory.Exists(local.Folder), Is.False);
    }

    private static async Task<bool> AnswersAsync(ServerRecipe recipe, IServerRun run)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(run.Host, run.Port);
            return await recipe.IsReadyAsync(run.Host, run.Port, CancellationToken.None);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
