using System.Collections.Concurrent;
using Dox.SharedKernel.Ids;

namespace Dox.SharedKernel.Infrastructure.Content;

/// <summary>
/// Small staged bodies in memory: a file for each upload costs more than all the rest of taking it in, and most of what is refused or only looked
/// at never needs one. What is to outlive this process is written to a file before anybody is promised anything.
/// </summary>
internal sealed class SmallBodies
{
    /// <summary>What counts as small.</summary>
    public const int MaxLength = 64 * 1024;

    private const long MaxTotal = 32L * 1024 * 1024;

    private readonly ConcurrentDictionary<Id<Document>, (byte[] Body, DateTimeOffset At)> _bodies = new();
    private long _total;

    /// <summary>Takes the body over; false where there is no room, or the document has one.</summary>
    public bool TryAdd(Id<Document> id, byte[] body, DateTimeOffset now)
    {
        if (Interlocked.Add(ref _total, body.Length) <= MaxTotal && _bodies.TryAdd(id, (body, now))) return true;
        Interlocked.Add(ref _total, -body.Length);
        return false;
    }

    public byte[]? Find(Id<Document> id) => _bodies.TryGetValue(id, out var found) ? found.Body : null;

    public void Remove(Id<Document> id)
    {
        if (_bodies.TryRemove(id, out var gone)) Interlocked.Add(ref _total, -gone.Body.Length);
    }

    /// <summary>Those that nobody decided on since then.</summary>
    public IEnumerable<Id<Document>> OlderThan(DateTimeOffset before) => _bodies.Where(b => b.Value.At < before).Select(b => b.Key);
}
