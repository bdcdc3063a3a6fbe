using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Events;

/// <summary>Publishes every event on the Redis channels of its type.</summary>
internal sealed class ChannelPublisher(RedisChannels channels, IOptions<EventOptions> options) : IEventConsumer
{
    public string Name => "redis-channels";

    public ValueTask<FeedInterest> InterestAsync(CancellationToken cancellationToken) => new(channels.IsConfigured ? FeedInterest.Everything : FeedInterest.Nothing);

    public Task TakeAsync(IReadOnlyList<DoxEvent> events, CancellationToken cancellationToken) =>
        channels.PublishAsync(events.SelectMany(e => EventType.ChannelsOf(e.Type).Select(channel => (options.Value.ChannelPrefix + channel, e.Envelope)))).WaitAsync(cancellationToken);
}
