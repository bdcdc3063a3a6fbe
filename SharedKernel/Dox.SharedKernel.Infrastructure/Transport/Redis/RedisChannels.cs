using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>Redis' channels: who subscribes hears what is published while it listens, and nothing of before.</summary>
public sealed class RedisChannels
{
    private readonly RedisConnections _connections;

    internal RedisChannels(RedisConnections connections) => _connections = connections;

    /// <summary>Whether there is a Redis to publish on.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(_connections.Options.Host);

    /// <summary>Publishes in the given order, in one go; returns when Redis has taken all.</summary>
    /// <param name="messages">Each with its channel.</param>
    public async Task PublishAsync(IEnumerable<(string Channel, byte[] Message)> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var redis = await _connections.SharedAsync();
        await Task.WhenAll(messages.Select(m => redis.PublishAsync(RedisChannel.Literal(m.Channel), m.Message)));
    }
}
