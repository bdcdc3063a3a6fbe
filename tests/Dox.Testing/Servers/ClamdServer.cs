namespace Dox.Testing.Servers;

/// <summary>
/// A ClamAV daemon for tests. Named by <c>DOX_TEST_CLAMAV</c>: <c>host:port</c>, or the path of its Unix socket. One that this process
/// starts has the limits of <c>deploy/clamav/clamd.conf</c> and knows a single virus, <see cref="TestVirus"/>.
/// </summary>
public sealed class ClamdServer : TestServer
{
    private const string Variable = "DOX_TEST_CLAMAV";
    private const string Ping = "zPING\0";
    private const string ContainerFolder = "/var/lib/dox-test";
    private const string Database = "database/eicar.ndb";

    private static readonly Lazy<Task<ClamdServer>> Shared = new(FindAsync);

    private ClamdServer(StartedServer started)
        : base(started)
    {
    }

    private ClamdServer(string host, int port)
        : base(host, port)
    {
    }

    private ClamdServer(string unixSocket)
        : base("", 0) => UnixSocket = unixSocket;

    /// <summary>The path of its socket where the environment names one; host and port are empty then.</summary>
    public string? UnixSocket { get; }

    /// <summary><c>host:port</c>, or the path of its socket.</summary>
    public string Address => UnixSocket ?? $"{Host}:{Port}";

    /// <summary>The daemon that all tests of this process share.</summary>
    public static Task<ClamdServer> SharedAsync() => Shared.Value;

    /// <summary>A daemon of the test's own, which it may stop, kill and start.</summary>
    /// <param name="settings">Lines of its configuration that differ, such as <c>StreamMaxLength</c> = <c>1M</c>.</param>
    /// <param name="knowsTheVirus">Whether it has the test virus's signature; without any signature at all it wouldn't start, so it gets one of nothing then.</param>
    public static async Task<ClamdServer> StartPrivateAsync(IReadOnlyDictionary<string, string>? settings = null, bool knowsTheVirus = true) =>
        new(await StartNewAsync(Recipe(settings, knowsTheVirus ? TestVirus.Signature : TestVirus.SignatureOfNothing), isPrivate: true));

    /// <summary>Gives a private server that didn't know it the test virus's signature, and starts it anew.</summary>
    public async Task LearnAsync()
    {
        await StopAsync();
        await WriteAsync(Database, TestVirus.Signature);
        await StartAsync();
    }

    internal static async Task<ClamdServer> FromEnvironmentAsync(string address)
    {
        if (address.StartsWith('/'))
            return File.Exists(address) ? new ClamdServer(address) : throw new ServerUnavailableException($"{Variable} names {address}, which doesn't exist.");

        var colon = address.LastIndexOf(':');
        if (colon < 1 || !int.TryParse(address.AsSpan(colon + 1), out var port))
            throw new ServerUnavailableException($"{Variable} is neither host:port nor a path: {address}");
        var server = new ClamdServer(address[..colon], port);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await AnswersAsync(server.Host, port, limit.Token)
            ? server
            : throw new ServerUnavailableException($"{Variable} names {address}, where no clamd answers.");
    }

    internal static ServerRecipe Recipe(IReadOnlyDictionary<string, string>? settings = null, string? signatures = null) => new()
    {
        Name = "ClamAV",
        Install = "ClamAV's daemon (Debian: clamav-daemon)",
        Image = "clamav/clamav:1.4",
        ContainerPort = 3310,
        ContainerFolder = ContainerFolder,
        ContainerEntrypoint = ["clamd"],
        ContainerCommand = ["--foreground", $"--config-file={ContainerFolder}/clamd.conf"],
        ContainerFiles = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [$"{ContainerFolder}/clamd.conf"] = Configuration($"{ContainerFolder}/database", "/tmp", "0.0.0.0", 3310, settings),
            [$"{ContainerFolder}/{Database}"] = signatures ?? TestVirus.Signature,
        },
        FindBinary = () => Tool.Find("clamd", "/usr/sbin", "/usr/local/sbin"),
        PrepareAsync = async (folder, clamd, port) =>
        {
            var database = folder.CreateFolder("database");
            await folder.WriteAsync(Database, signatures ?? TestVirus.Signature);
            var configuration = await folder.WriteAsync("clamd.conf", Configuration(database, folder.CreateFolder("tmp"), "127.0.0.1", port, settings));
            return [clamd, "--foreground", $"--config-file={configuration}"];
        },
        IsReadyAsync = AnswersAsync,
        EndSignal = "KILL", // it holds no state, and TERM waits for scans
    };

    private static string Configuration(string database, string temporary, string address, int port, IReadOnlyDictionary<string, string>? settings)
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal)
        {
            ["DatabaseDirectory"] = database,
            ["TemporaryDirectory"] = temporary,
            ["TCPAddr"] = address,
            ["TCPSocket"] = $"{port}",
            ["SelfCheck"] = "0",
            ["StreamMaxLength"] = "100M",
            ["MaxFileSize"] = "100M",
            ["MaxScanSize"] = "400M",
            ["AlertExceedsMax"] = "yes",
            ["AlertEncrypted"] = "yes",
        };
        return string.Concat(Overlay(all, settings).Select(line => $"{line.Key} {line.Value}\n"));
    }

    private static async Task<bool> AnswersAsync(string host, int port, CancellationToken cancellationToken) =>
        await AskAsync(host, port, Ping, cancellationToken) is { } answer && answer.StartsWith("PONG", StringComparison.Ordinal);

    private static async Task<ClamdServer> FindAsync() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? await FromEnvironmentAsync(named)
            : new ClamdServer(await StartNewAsync(Recipe(), isPrivate: false));
}
