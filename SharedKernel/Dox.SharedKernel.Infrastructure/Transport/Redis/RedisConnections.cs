using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>
/// Connections to Redis: one that everything shares, and one for each reader of a stream. A reader blocks on its connection, which costs half
/// the round trip of being nudged to look; on the shared one it would hold everybody up.
/// </summary>
public sealed class RedisConnections(IOptions<RedisOptions> options) : IAsyncDisposable
{
    /// <summary>How long a reader blocks; less than the connection's time-out.</summary>
    internal static readonly TimeSpan Block = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly List<ConnectionMultiplexer> _readers = [];
    private Task<ConnectionMultiplexer>? _shared;

    /// <summary>Where it is.</summary>
    public RedisOptions Options => options.Value;

    /// <summary>Whether the shared connection stands; null while nobody asked for it.</summary>
    public bool? IsConnected => _shared is { IsCompletedSuccessfully: true } shared ? shared.GetAwaiter().GetResult().IsConnected : null;

    /// <summary>The connection that everything shares; mustn't be blocked.</summary>
    public async Task<IDatabase> SharedAsync()
    {
        Task<ConnectionMultiplexer> shared;
        lock (_lock) shared = _shared ??= ConnectionMultiplexer.ConnectAsync(Settings("dox"));
        return (await shared).GetDatabase(Options.Database);
    }

    internal async Task<IDatabase> ReaderAsync(string name)
    {
        var reader = await ConnectionMultiplexer.ConnectAsync(Settings($"dox-{name}"));
        lock (_lock) _readers.Add(reader);
        return reader.GetDatabase(Options.Database);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers) await reader.DisposeAsync();
        if (_shared is { IsCompletedSuccessfully: true } shared) await (await shared).DisposeAsync();
    }

    /// <summary>How a library that has a connection of its own reaches it.</summary>
    public ConfigurationOptions Settings(string name) => new()
    {
        DefaultDatabase = Options.Database,
        EndPoints = { { Options.Host!, Options.Port } },
        Password = Options.Password,
        Ssl = Options.Tls,
        ClientName = name,
        AbortOnConnectFail = false,
        // The client counts INFO among what administrators alone may ask
        AllowAdmin = true,
        // Replies to commands that the client has no method for have another shape in RESP3, which it would choose where the server can.
        Protocol = RedisProtocol.Resp2,
        AsyncTimeout = 10_000,
        ConnectTimeout = 5_000,
        ReconnectRetryPolicy = new LinearRetry(500),
        BacklogPolicy = BacklogPolicy.Default,
    };
}
