using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;

namespace Dox.Orchestration.Events;

/// <summary>Something that happened, as subscribers are told of it.</summary>
internal sealed record DoxEvent
{
    private byte[]? _envelope;

    /// <summary>Where it stands in the feed.</summary>
    public required EventPosition Position { get; init; }

    /// <summary>The same whenever and wherever the event is told: subscribers tell repeats by it.</summary>
    public required Id<Happening> Id { get; init; }

    public required string Type { get; init; }

    public required JsonObject Data { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Who tells it.</summary>
    public required string Service { get; init; }

    /// <summary>Whose it is; null: the platform's own.</summary>
    public string? Account { get; init; }

    public Id<Workflow>? WorkflowId { get; init; }

    public Id<Document>? DocumentId { get; init; }

    /// <summary>The rule of the run that it is about.</summary>
    public string? RuleName { get; init; }

    /// <summary>What is sent: <c>event_id, event_type, event_data, timestamp, service</c>.</summary>
    public byte[] Envelope => _envelope ??= JsonSerializer.SerializeToUtf8Bytes(new EventEnvelope(Id, Type, Data, Timestamp, Service), DoxJson.Options);

    public bool IsVisibleTo(Caller caller) => Account is { } account ? caller.Sees(account) : caller.Holds(Role.Reviewer, Role.Operator, Role.Author);

    /// <summary>Ids of what the same source raised, that sort as they were raised: the order of one statement's rows is that of their keys.</summary>
    public static Id<Happening> IdOf(string source, int index)
    {
        Span<byte> bytes = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(source), bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..16], index);
        return new(new Guid(bytes[..16], bigEndian: true));
    }

    /// <summary>An id that follows from what it is the id of.</summary>
    public static Id<Happening> IdOf(string what) => new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(what)).AsSpan(0, 16)));
}

/// <summary>An event on the wire.</summary>
/// <param name="EventId">The same whenever the event is told again.</param>
/// <param name="EventType">One of docs/reference/events.md, or a name that a rule made up.</param>
/// <param name="EventData">By its type.</param>
/// <param name="Timestamp">When it happened, UTC.</param>
/// <param name="Service">Who tells it.</param>
internal sealed record EventEnvelope(Id<Happening> EventId, string EventType, JsonObject EventData, DateTimeOffset Timestamp, string Service);

/// <summary>A place in the feed: an entry (a line of a journal, or an event that was raised), and which of its events. Written <c>4711.1</c>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct EventPosition(long Entry, int Slot) : IComparable<EventPosition>
{
    public int CompareTo(EventPosition other) => Entry != other.Entry ? Entry.CompareTo(other.Entry) : Slot.CompareTo(other.Slot);

    public static bool operator <(EventPosition left, EventPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(EventPosition left, EventPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventPosition left, EventPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventPosition left, EventPosition right) => left.CompareTo(right) >= 0;

    public static bool TryParse(string? text, out EventPosition position)
    {
        position = default;
        if (text?.Split('.') is not [var entry, var slot]) return false;
        if (!long.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var e) || !int.TryParse(slot, NumberStyles.None, CultureInfo.InvariantCulture, out var s)) return false;
        position = new(e, s);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Entry}.{Slot}");
}
