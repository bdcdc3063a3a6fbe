using System.Globalization;
using System.Text.Json;
using Dox.SharedKernel.Access;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>
/// A request, a portion of one-way messages, or an answer, as the fields of a stream's entry. What Redis and its clients do for an entry costs
/// more than a message's handling, so one-way messages share one.
/// </summary>
internal static class EnvelopeFields
{
    private const string OneWay = "one_way";
    private const string Confirmed = "confirmed";
    private const int IdLength = 16;

    private static readonly Reply s_committed = new(default);

    public static NameValueEntry[] Write(Envelope request, string to, string replyTo)
    {
        var encoded = request.Encoded();
        var fields = new List<NameValueEntry>(12)
        {
            new("id", encoded.Id.ToString("N")),
            new("name", encoded.Name),
            new("from", encoded.From),
            new("to", to),
            new("caller", JsonSerializer.SerializeToUtf8Bytes(encoded.Caller, DoxJson.Options)),
            new("occurred", encoded.Occurred.UtcTicks),
            new("reply_to", replyTo),
            new("body", encoded.Body),
        };
        if (encoded.Deadline is { } deadline) fields.Add(new("deadline", deadline.UtcTicks));
        if (encoded.IdempotencyKey is { } key) fields.Add(new("idempotency_key", key));
        if (encoded.TraceParent is { } parent) fields.Add(new("traceparent", parent));
        if (encoded.TraceState is { } state) fields.Add(new("tracestate", state));
        return [.. fields];
    }

    public static NameValueEntry[] Write(IEnumerable<Envelope> oneWay, string to, string replyTo) =>
        [new("to", to), new("reply_to", replyTo), new(OneWay, JsonSerializer.SerializeToUtf8Bytes(oneWay.Select(e => e.Encoded()), DoxJson.Options))];

    /// <exception cref="FormatException">A field is missing or isn't what it should be.</exception>
    public static Delivered Read(StreamEntry entry)
    {
        try
        {
            var fields = new Dictionary<string, RedisValue>(entry.Values.Length, StringComparer.Ordinal);
            foreach (var value in entry.Values) fields.Add((string)value.Name!, value.Value);
            var isOneWay = fields.TryGetValue(OneWay, out var portion);
            IReadOnlyList<Envelope> envelopes = isOneWay ? JsonSerializer.Deserialize<List<Envelope>>((byte[])portion!, DoxJson.Options)! : [Request(fields)];
            return new(entry.Id, envelopes, (string)fields["to"]!, (string)fields["reply_to"]!, isOneWay);
        }
        catch (Exception e) when (e is KeyNotFoundException or ArgumentException or JsonException or InvalidCastException or FormatException or OverflowException)
        {
            throw new FormatException($"The entry {entry.Id} is no envelope: {e.Message}", e);
        }
    }

    public static NameValueEntry[] Write(Guid id, Reply reply)
    {
        var encoded = reply.Encoded();
        return encoded.Fault is null
            ? [new("id", id.ToString("N")), new("body", encoded.Body)]
            : [new("id", id.ToString("N")), new("fault", JsonSerializer.SerializeToUtf8Bytes(encoded.Fault, DoxJson.Options))];
    }

    /// <summary>That portions of one-way messages were committed: one entry for all that were sent from there.</summary>
    public static NameValueEntry[] WriteConfirmed(IReadOnlyList<Guid> ids)
    {
        var bytes = new byte[ids.Count * IdLength];
        for (var i = 0; i < ids.Count; i++) ids[i].TryWriteBytes(bytes.AsSpan(i * IdLength, IdLength), bigEndian: true, out _);
        return [new(Confirmed, bytes)];
    }

    /// <summary>How a portion of one-way messages fared: a fault for each that wasn't committed. <see cref="ReadFaults"/> reads it again.</summary>
    public static Reply Faults(IReadOnlyList<Fault?> faults) => new(JsonSerializer.SerializeToUtf8Bytes(faults, DoxJson.Options));

    /// <summary>A fault for each of a portion's messages that wasn't committed; empty: all were.</summary>
    public static IReadOnlyList<Fault?> ReadFaults(Reply reply) => reply.Body.IsEmpty ? [] : JsonSerializer.Deserialize<List<Fault?>>(reply.Body.Span, DoxJson.Options)!;

    /// <summary>The answers that the entry holds: one to a request or a portion, or one to each of several portions.</summary>
    public static IEnumerable<(Guid Id, Reply Reply)> ReadReplies(StreamEntry entry)
    {
        if (entry[Confirmed] is { IsNull: false } confirmed)
        {
            var ids = (byte[])confirmed!;
            return Enumerable.Range(0, ids.Length / IdLength).Select(i => (new Guid(ids.AsSpan(i * IdLength, IdLength), bigEndian: true), s_committed));
        }

        var id = Guid.ParseExact((string)entry["id"]!, "N");
        return entry["fault"] is { IsNull: false } fault
            ? [(id, new Reply(default, JsonSerializer.Deserialize<Fault>((byte[])fault!, DoxJson.Options)))]
            : [(id, new Reply((byte[])entry["body"]!))];
    }

    private static Envelope Request(Dictionary<string, RedisValue> fields) => new(
        Guid.ParseExact((string)fields["id"]!, "N"), (string)fields["name"]!, (string)fields["from"]!,
        JsonSerializer.Deserialize<Caller>((byte[])fields["caller"]!, DoxJson.Options)!, Moment(fields["occurred"]))
    {
        Body = (byte[])fields["body"]!,
        Deadline = fields.TryGetValue("deadline", out var deadline) ? Moment(deadline) : null,
        IdempotencyKey = fields.TryGetValue("idempotency_key", out var key) ? (string?)key : null,
        TraceParent = fields.TryGetValue("traceparent", out var parent) ? (string?)parent : null,
        TraceState = fields.TryGetValue("tracestate", out var state) ? (string?)state : null,
    };

    private static DateTimeOffset Moment(RedisValue ticks) => new(long.Parse((string)ticks!, CultureInfo.InvariantCulture), TimeSpan.Zero);
}

/// <summary>What came by a stream: a request, or a portion of one-way messages.</summary>
internal sealed record Delivered(RedisValue EntryId, IReadOnlyList<Envelope> Envelopes, string To, string ReplyTo, bool OneWay)
{
    public Envelope Request => Envelopes[0];
}
