using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>XREAD and XREADGROUP with BLOCK, which the client has no methods for because it shares connections; ours aren't shared.</summary>
internal static class BlockingReads
{
    /// <summary>Entries behind <paramref name="last"/>; none when nothing came for a while.</summary>
    public static async Task<StreamEntry[]> ReadAsync(IDatabase reader, string stream, RedisValue last, int count) =>
        Entries(await reader.ExecuteAsync("XREAD", "COUNT", count, "BLOCK", (long)RedisConnections.Block.TotalMilliseconds, "STREAMS", (RedisKey)stream, last));

    /// <summary>New entries for a consumer of a group; none when nothing came for a while.</summary>
    public static async Task<StreamEntry[]> ReadGroupAsync(IDatabase reader, string stream, string group, string consumer, int count) =>
        Entries(await reader.ExecuteAsync(
            "XREADGROUP", "GROUP", group, consumer, "COUNT", count, "BLOCK", (long)RedisConnections.Block.TotalMilliseconds, "STREAMS", (RedisKey)stream, ">"));

    // [[stream, [[id, [field, value, …]], …]]]
    private static StreamEntry[] Entries(RedisResult result)
    {
        if (result.IsNull) return [];
        var entries = result[0][1];
        var read = new StreamEntry[entries.Length];
        for (var i = 0; i < read.Length; i++)
        {
            var values = entries[i][1];
            var fields = new NameValueEntry[values.Length / 2];
            for (var f = 0; f < fields.Length; f++) fields[f] = new((RedisValue)values[2 * f], (RedisValue)values[(2 * f) + 1]);
            read[i] = new StreamEntry((RedisValue)entries[i][0], fields);
        }

        return read;
    }
}
