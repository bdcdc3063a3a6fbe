using System.Net;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace Dox.Testing.Servers;

/// <summary>A Redis server for tests. Named by <c>DOX_TEST_REDIS</c>: <c>host:port</c>, or any StackExchange.Redis configuration.</summary>
public sealed class RedisServer : TestServer
{
    private const string Variable = "DOX_TEST_REDIS";

    private static readonly Lazy<Task<RedisServer>> Shared = new(FindAsync);

    private RedisServer(StartedServer started)
        : base(started) => Configuration = $"{Host}:{Port}";

    private RedisServer(ConfigurationOptions named, string host, int port)
        : base(host, port) => (Configuration, Password) = (named.ToString(includePassword: true), named.Password);

    /// <summary>StackExchange.Redis configuration of this server.</summary>
    public string Configuration { get; }

    public string? Password { get; }

    /// <summary>The server that all tests of this process share; each takes a prefix of its own for its keys.</summary>
    public static Task<RedisServer> SharedAsync() => Shared.Value;

    /// <summary>A server of the test's own, which it may stop, kill and start. It forgets everything then, unless <c>appendonly</c> is set to <c>yes</c>.</summary>
    public static async Task<RedisServer> StartPrivateAsync(IReadOnlyDictionary<string, string>? settings = null) =>
        new(await StartNewAsync(Recipe(settings), isPrivate: true));

    /// <summary>A prefix for keys that no other test has: what keeps tests apart on a shared server.</summary>
    public static string NewPrefix() => $"dox-test-{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    internal static async Task<RedisServer> FromEnvironmentAsync(string configuration)
    {
        var named = ConfigurationOptions.Parse(configuration);
        var (host, port) = named.EndPoints.FirstOrDefault() switch
        {
            DnsEndPoint dns => (dns.Host, dns.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            _ => throw new ServerUnavailableException($"{Variable} names no host:port: {configuration}"),
        };
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(named);
            return new RedisServer(named, host, port);
        }
        catch (RedisConnectionException failure)
        {
            throw new ServerUnavailableException($"{Variable} names {host}:{port}, which can't be used: {failure.Message}", failure);
        }
    }

    internal static ServerRecipe Recipe(IReadOnlyDictionary<string, string>? settings = null)
    {
        Dictionary<string, string> all = new(StringComparer.Ordinal) { ["save"] = "", ["appendonly"] = "no" };
        string[] options = [.. Overlay(all, settings).SelectMany(setting => (string[])[$"--{setting.Key}", setting.Value])];

        return new ServerRecipe
        {
            Name = "Redis",
            Install = "Redis 7 or later (Debian: redis-server)",
            Image = "redis:7",
            ContainerPort = 6379,
            ContainerCommand = ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--dir", "/data", .. options],
            FindBinary = () => Tool.Find("redis-server"),
            PrepareAsync = (folder, redis, port) => Task.FromResult<IReadOnlyList<string>>(
                [redis, "--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder.Path, .. options]),
            EndSignal = "KILL",
            // A server that asks for a password is ready too
            IsReadyAsync = async (host, port, cancellationToken) =>
                await AskAsync(host, port, "PING\r\n", cancellationToken) is { } answer
                && (answer.StartsWith("+PONG", StringComparison.Ordinal) || answer.StartsWith("-NOAUTH", StringComparison.Ordinal)),
        };
    }

    private static async Task<RedisServer> FindAsync() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? await FromEnvironmentAsync(named)
            : new RedisServer(await StartNewAsync(Recipe(), isPrivate: false));
}
