using Dox.Testing.Servers;

namespace Dox.Benchmarks.Uploads;

internal static class UploadSettings
{
    /// <summary>As deployed, but for limits that a benchmark would run into.</summary>
    public static Dictionary<string, string?> For(ClamdServer clamd, RedisServer redis) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["CLAMAV_ENABLED"] = "true",
        ["CLAMAV_HOST"] = clamd.Host,
        ["CLAMAV_PORT"] = $"{clamd.Port}",
        ["REDIS_HOST"] = redis.Host,
        ["REDIS_PORT"] = $"{redis.Port}",
        ["RATE_LIMIT_PER_USER_PER_DAY"] = "10000000",
        ["RATE_LIMIT_PER_ACCOUNT_PER_DAY"] = "10000000",
        ["Dox:Validation:RateLimit:ValidationsPerUserPerDay"] = "10000000",
        ["Dox:Validation:RateLimit:BurstPerMinute"] = "10000000",
    };
}
