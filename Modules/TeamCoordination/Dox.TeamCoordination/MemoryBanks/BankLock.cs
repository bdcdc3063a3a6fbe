using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>
/// The lock file beside a bank, <c>NAME.json.lock</c>, by which DOX and other programs keep out of each other's way: made exclusively,
/// with <c>agent_id</c>, <c>timestamp</c> and <c>expires_at</c>. Who holds it looks again before its write counts; one that ran out is taken over.
/// </summary>
internal sealed class BankLock : IDisposable
{
    private const int FileExistsUnix = 17;
    private const int FileExistsWindows = unchecked((int)0x80070050);
    private readonly string _path;
    private readonly byte[] _content;
    private readonly DateTimeOffset _expires;
    private readonly TimeProvider _clock;

    private BankLock(string path, byte[] content, DateTimeOffset expires, TimeProvider clock) =>
        (_path, _content, _expires, _clock) = (path, content, expires, clock);

    /// <summary>Takes the lock; null where somebody else has it.</summary>
    public static BankLock? TryTake(string bankPath, string agent, TimeSpan lease, TimeProvider clock)
    {
        var path = bankPath + ".lock";
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var now = clock.GetUtcNow();
            var content = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
            {
                ["agent_id"] = agent,
                ["timestamp"] = now.UtcDateTime.ToString("O"),
                ["expires_at"] = (now + lease).UtcDateTime.ToString("O"),
            });
            if (Make(path, content)) return new(path, content, now + lease, clock);
            if (Read(path) is not { } others) continue;
            if (now < ExpiryOf(others, path, lease) || !TakeAway(path, others)) return null;
        }

        return null;
    }

    /// <summary>Whether a write would still be ours to make.</summary>
    public bool Holds() => _clock.GetUtcNow() < _expires && IsOurs();

    public void Dispose()
    {
        if (IsOurs()) File.Delete(_path);
    }

    private bool IsOurs() => Read(_path) is { } content && content.AsSpan().SequenceEqual(_content);

    private static bool Make(string path, byte[] content)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (IOException e) when (e.HResult is FileExistsUnix or FileExistsWindows)
        {
            return false;
        }

        try
        {
            using (file) file.Write(content);
            return true;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private static byte[]? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var content = new MemoryStream();
            file.CopyTo(content);
            return content.ToArray();
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static DateTimeOffset ExpiryOf(byte[] content, string path, TimeSpan lease)
    {
        try
        {
            if (JsonNode.Parse(content) is JsonObject theirs)
            {
                if (MomentOf(theirs["expires_at"]) is { } expires) return expires;
                if (MomentOf(theirs["timestamp"]) is { } since) return since + lease;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Being written just now, or made by touch: its age counts.
        }

        return new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero) + lease;
    }

    // Others write moments as ISO 8601, with or without a zone, or as seconds since 1970.
    private static DateTimeOffset? MomentOf(JsonNode? node)
    {
        if (node is not JsonValue value) return null;
        if (value.TryGetValue<double>(out var seconds) && seconds is > 0 and < 253_402_300_000) return DateTimeOffset.UnixEpoch.AddSeconds(seconds);
        return value.TryGetValue<string>(out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment)
            ? moment
            : null;
    }

    // Two may see the same stale lock. The slower one must not throw out the lock that the faster one has made since.
    private static bool TakeAway(string path, byte[] stale)
    {
        var aside = $"{path}.stale-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            File.Move(path, aside);
        }
        catch (FileNotFoundException)
        {
            return true;
        }

        if (Read(aside) is { } moved && moved.AsSpan().SequenceEqual(stale))
        {
            File.Delete(aside);
            return true;
        }

        try
        {
            File.Move(aside, path, overwrite: false);
        }
        catch (IOException)
        {
            // A third one has the place. The owner of what was moved finds its lock gone before its write counts.
            File.Delete(aside);
        }

        return false;
    }
}
