using System.Buffers.Binary;
using System.Globalization;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Modules;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>An entry of a stream that its module put aside.</summary>
/// <param name="Id">Of the entry where it lies now; later ones sort later.</param>
/// <param name="Module">Who couldn't read it.</param>
/// <param name="Name">What it says that it is; null where it doesn't.</param>
/// <param name="From">Who says that it sent it; null where nobody does.</param>
/// <param name="Reason">Why it couldn't be read.</param>
/// <param name="Sent">When it was sent. UTC.</param>
/// <param name="PutAside">When it was put aside. UTC.</param>
public sealed record UnreadableEntry(Guid Id, string Module, string? Name, string? From, string Reason, DateTimeOffset Sent, DateTimeOffset PutAside);

/// <summary>What the modules, of all processes, put aside because it is no envelope to them: as a rule it was sent by another version. There is none where messages don't go over Redis.</summary>
public sealed class UnreadEntries
{
    private const string DeadStream = "dead_stream";
    private const string DeadEntry = "dead_entry";
    private const string DeadReason = "dead_reason";

    private readonly RedisConnections _connections;
    private readonly IReadOnlyList<string> _modules;

    internal UnreadEntries(RedisConnections connections, ModuleSet modules, IOptions<TransportOptions> transport) =>
        (_connections, _modules) = (connections, transport.Value.Kind == TransportKind.Redis ? [.. modules.All.Select(m => m.Name)] : []);

    /// <summary>The newest ones, newest first.</summary>
    /// <param name="module">What this one couldn't read; null: any.</param>
    /// <param name="before">Only those whose id is lower; null: all.</param>
    /// <param name="most">How many at most.</param>
    /// <exception cref="DoxException">503: Redis doesn't answer.</exception>
    public Task<IReadOnlyList<UnreadableEntry>> ListAsync(string? module, Guid? before, int most) => AskAsync<IReadOnlyList<UnreadableEntry>>(async database =>
    {
        var found = new List<UnreadableEntry>();
        RedisValue last = before is { } id ? $"{MillisecondsOf(id)}-{ulong.MaxValue}" : "+";
        foreach (var name in _modules.Where(m => module is null || m == module))
        {
            // Of one millisecond some may lie behind the place, so a few more
            var entries = await database.StreamRangeAsync(StreamKeys.Dead(_connections.Options.Prefix, name), "-", last, most + 16, Order.Descending);
            found.AddRange(entries.Select(entry => Of(name, entry)).Where(e => before is null || e.Id.CompareTo(before.Value) < 0));
        }

        return [.. found.OrderByDescending(e => e.Id).Take(most)];
    });

    /// <summary>One; null where there is none (any more).</summary>
    /// <exception cref="DoxException">503: Redis doesn't answer.</exception>
    public Task<UnreadableEntry?> FindAsync(Guid id) =>
        AskAsync(async database => Place(id) is var (module, entry) && await ReadAsync(database, module, entry) is { } found ? Of(module, found) : null);

    /// <summary>Puts it back where its module reads: for when one runs that can. Who can't puts it aside again.</summary>
    /// <returns>False: it isn't there any more.</returns>
    /// <exception cref="DoxException">503: Redis doesn't answer.</exception>
    public Task<bool> RedriveAsync(Guid id) => AskAsync(async database =>
    {
        if (Place(id) is not var (module, place) || await ReadAsync(database, module, place) is not { } entry) return false;
        var own = entry.Values.Where(v => v.Name != DeadStream && v.Name != DeadEntry && v.Name != DeadReason).ToArray();
        // Back first: dying in between leaves it in both places, and who gets it twice knows it by its id
        await database.StreamAddAsync(entry[DeadStream] is { IsNullOrEmpty: false } stream ? (string)stream! : StreamKeys.Commands(_connections.Options.Prefix, module), own);
        await database.StreamDeleteAsync(StreamKeys.Dead(_connections.Options.Prefix, module), [place]);
        return true;
    });

    /// <summary>Takes it out for good.</summary>
    /// <returns>False: it isn't there any more.</returns>
    /// <exception cref="DoxException">503: Redis doesn't answer.</exception>
    public Task<bool> DismissAsync(Guid id) =>
        AskAsync(async database => Place(id) is var (module, entry) && await database.StreamDeleteAsync(StreamKeys.Dead(_connections.Options.Prefix, module), [entry]) == 1);

    private async Task<StreamEntry?> ReadAsync(IDatabase database, string module, RedisValue entry) =>
        await database.StreamRangeAsync(StreamKeys.Dead(_connections.Options.Prefix, module), entry, entry, 1) is [var found] ? found : null;

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        if (_modules.Count == 0) return await ask(null!);
        try
        {
            return await ask(await _connections.SharedAsync());
        }
        catch (Exception e) when (e is RedisConnectionException or RedisTimeoutException)
        {
            throw new DoxException(503, "redis_unavailable", "Redis doesn't answer, and what was put aside lies there. Ask again in a moment.");
        }
    }

    private UnreadableEntry Of(string module, StreamEntry entry)
    {
        var putAside = TimeOf(entry.Id!);
        return new(
            IdOf(module, entry.Id!), module, (string?)entry["name"], (string?)entry["from"], (string?)entry[DeadReason] ?? "",
            entry[DeadEntry] is { IsNullOrEmpty: false } sent ? TimeOf((string)sent!) : putAside, putAside);
    }

    private static DateTimeOffset TimeOf(string entry) => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(entry.Split('-')[0], CultureInfo.InvariantCulture));

    // A UUIDv7 by its form: milliseconds, the module's place, the number within the millisecond
    private Guid IdOf(string module, string entry)
    {
        Span<byte> bytes = stackalloc byte[16];
        var parts = entry.Split('-');
        BinaryPrimitives.WriteInt64BigEndian(bytes[..8], (long.Parse(parts[0], CultureInfo.InvariantCulture) << 16) | 0x7000L | (uint)IndexOf(module));
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], long.Parse(parts[1], CultureInfo.InvariantCulture) | long.MinValue);
        return new(bytes, bigEndian: true);
    }

    private (string Module, RedisValue Entry)? Place(Guid id)
    {
        var index = (int)(Head(id) & 0xfff);
        if (index >= _modules.Count) return null;
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (_modules[index], $"{MillisecondsOf(id)}-{BinaryPrimitives.ReadInt64BigEndian(bytes[8..]) & long.MaxValue}");
    }

    private static long MillisecondsOf(Guid id) => Head(id) >>> 16;

    private static long Head(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt64BigEndian(bytes[..8]);
    }

    private int IndexOf(string module)
    {
        for (var i = 0; i < _modules.Count; i++)
            if (_modules[i] == module) return i;
        throw new ArgumentException($"'{module}' is no module.", nameof(module));
    }
}
