using System.Net.Sockets;
using System.Text;

namespace Dox.Testing.Servers;

/// <summary>A server that tests talk to: one that the environment names, or one that this process started and that ends with it.</summary>
public abstract class TestServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // PostgreSQL refuses to start until the backends of one that was killed have noticed and gone
    private const int RelaunchesAfterCrash = 100;

    private readonly ServerRecipe? _recipe;
    private readonly IServerRun? _run;

    private protected TestServer(StartedServer started) =>
        (_recipe, _run, IsPrivate, Host, Port) = (started.Recipe, started.Run, started.IsPrivate, started.Run.Host, started.Run.Port);

    private protected TestServer(string host, int port) => (Host, Port) = (host, port);

    public string Host { get; }

    /// <summary>The port, which stays the same over stop and start.</summary>
    public int Port { get; }

    private bool IsPrivate { get; }

    /// <summary>Stops a private server in an orderly way and waits until it has ended.</summary>
    public Task StopAsync() => EndAsync(recipe => recipe.StopSignal);

    /// <summary>Ends a private server with SIGKILL, as a crash would.</summary>
    public Task KillAsync() => EndAsync(_ => "KILL");

    /// <summary>Starts a private server again, on the same port and with the data it had, and waits until it answers.</summary>
    public Task StartAsync() => LaunchAsync(Private(out var recipe), recipe, RelaunchesAfterCrash);

    /// <summary>Writes a file of a private server's, which reads it when it starts again.</summary>
    private protected Task WriteAsync(string file, string content) => Private(out _).WriteAsync(file, content);

    public async ValueTask DisposeAsync()
    {
        await Private(out _).DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a server: a shared one in Docker, else from a binary; a private one the other way round, since a binary starts sooner.</summary>
    private protected static async Task<StartedServer> StartNewAsync(ServerRecipe recipe, bool isPrivate)
    {
        List<string> reasons = [];
        foreach (var kind in isPrivate ? (ServerKind[])[ServerKind.Binary, ServerKind.Container] : [ServerKind.Container, ServerKind.Binary])
        {
            try
            {
                return new StartedServer(recipe, await StartOneAsync(recipe, kind), isPrivate);
            }
            catch (ServerUnavailableException failure) when (!(kind == ServerKind.Container && DockerEngine.Demanded))
            {
                reasons.Add(failure.Message);
            }
        }

        throw new ServerUnavailableException(
            $"These tests need {recipe.Name}. Start Docker, or install {recipe.Install}, or name a server by environment (docs/guides/testing.md). "
            + string.Join(' ', reasons));
    }

    internal static async Task<IServerRun> StartOneAsync(ServerRecipe recipe, ServerKind kind)
    {
        if (kind == ServerKind.Container && await DockerEngine.GetAbsenceAsync() is { } absence)
            throw new ServerUnavailableException(absence);
        var binary = kind == ServerKind.Binary ? recipe.FindBinary() ?? throw new ServerUnavailableException($"No {recipe.Name} on this machine.") : "";

        // Another process may take the free port before the server has it, hence another try with another port
        for (var attempt = 1; ; attempt++)
        {
            IServerRun run = kind == ServerKind.Container ? new ContainerServer(recipe) : await LocalServer.PrepareAsync(recipe, binary);
            try
            {
                await LaunchAsync(run, recipe);
                return run;
            }
            catch (Exception failure)
            {
                var log = await run.ReadLogAsync();
                await run.DisposeAsync();
                if (attempt == 3 || failure is not ServerUnavailableException)
                    throw new ServerUnavailableException($"{recipe.Name} ({kind}) didn't start: {failure.Message} {log[Math.Max(0, log.Length - 2000)..]}", failure);
            }
        }
    }

    private protected static Dictionary<string, string> Overlay(Dictionary<string, string> defaults, IReadOnlyDictionary<string, string>? settings)
    {
        foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
            defaults[name] = value;
        return defaults;
    }

    /// <summary>Sends a line to a server and returns its answer, or null where nobody answers.</summary>
    private protected static async Task<string?> AskAsync(string host, int port, string question, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, cancellationToken);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(question), cancellationToken);
            var answer = new byte[256];
            var length = await stream.ReadAsync(answer, cancellationToken);
            return Encoding.ASCII.GetString(answer, 0, length);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return null;
        }
    }

    internal static async Task LaunchAsync(IServerRun run, ServerRecipe recipe, int relaunches = 0)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            await run.LaunchAsync(limit.Token);
            while (!await recipe.IsReadyAsync(run.Host, run.Port, limit.Token))
            {
                await tick.WaitForNextTickAsync(limit.Token);
                if (!await run.HasExitedAsync())
                    continue;
                if (relaunches-- == 0)
                    throw new ServerUnavailableException("it ended at once.");
                await run.LaunchAsync(limit.Token);
            }
        }
        catch (OperationCanceledException failure)
        {
            throw new TimeoutException($"no answer within {StartLimit.TotalSeconds} s.", failure);
        }
    }

    private async Task EndAsync(Func<ServerRecipe, string> signal)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        await Private(out var recipe).EndAsync(signal(recipe), limit.Token);
    }

    private IServerRun Private(out ServerRecipe recipe)
    {
        if (!IsPrivate)
            throw new InvalidOperationException("Other tests use this server: take one of your own with StartPrivateAsync.");
        recipe = _recipe!;
        return _run!;
    }
}

/// <summary>No server of a kind could be had; the message says what to install.</summary>
public sealed class ServerUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

internal enum ServerKind
{
    Container,
    Binary,
}

internal sealed record StartedServer(ServerRecipe Recipe, IServerRun Run, bool IsPrivate);
