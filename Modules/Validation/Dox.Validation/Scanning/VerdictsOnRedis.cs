using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Validation.Scanning;

/// <summary>What one process had scanned no other one has scanned again. On a connection of its own: the library closes the one that it is given.</summary>
internal static class VerdictsOnRedis
{
    // A verdict that takes longer to fetch costs more than its scan
    private const int PatienceMilliseconds = 1000;

    public static void AddVerdictsOnRedis(this IServiceCollection services)
    {
        services.AddStackExchangeRedisCache(static _ => { });
        services.AddOptions<RedisCacheOptions>().Configure<RedisConnections>((cache, redis) =>
        {
            var settings = redis.Settings("dox-verdicts");
            settings.AsyncTimeout = PatienceMilliseconds;
            cache.ConfigurationOptions = settings;
            cache.InstanceName = $"{redis.Options.Prefix}:cache:";
        });
    }
}
