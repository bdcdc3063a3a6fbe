using System.Globalization;
using System.Text.Json;
using Dox.SharedKernel.Access;
using StackExchange.Redis;

namespace Dox.SharedKernel.Infrastructure.Transport.Redis;

/// <summary>An envelope, or a reply, as the fields of a stream's entry.</summary>
internal static class EnvelopeFields
{
    private const string OneWay = "one_way";

    public static NameValueEntry[] Write(Envelope envelope, string to, string replyTo, bool oneWay)
    {
        var encoded = envelope.Encoded();
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
        if (oneWay) fields.Add(new(OneWay, 1));
        if (encoded.Deadline is { } deadline) fields.Add(new("deadline", deadline.UtcTicks));
        if (encoded.IdempotencyKey is { } key) fields.Add(new("idempotency_key", key));
        if (encoded.TraceParent is { } parent) fields.Add(new("traceparent", parent));
        if (encoded.TraceState is { } state) fields.Add(new("tracestate", state));
        return [.. fields];
    }

    /// <exception cref="FormatException">A field is missing or isn't what it should be.</exception>
    public static Delivered Read(StreamEntry entry)
    {
        try
        {
            var fields = entry.Values.ToDictionary(v => (string)v.Name!, v => v.Value, StringComparer.Ordinal);
            var envelope = new Envelope(
                Guid.ParseExact((string)fields["id"]!, "N"), (string)fields["name"]!, (string)fields["from"]!,
                JsonSerializer.Deserialize<Caller>((byte[])fields["caller"]!, DoxJson.Options)!, Moment(fields["occurred"]))
            {
                Body = (byte[])fields["body"]!,
                Deadline = fields.TryGetValue("deadline", out var deadline) ? Moment(deadline) : null,
                IdempotencyKey = fields.TryGetValue("idempotency_key", out var key) ? (string?)key : null,
                TraceParent = fields.TryGetValue("traceparent", out var parent) ? (string?)parent : null,
                TraceState = fields.TryGetValue("tracestate", out var state) ? (string?)state : null,
            };
            return new(entry.Id, envelope, (string)fields["to"]!, (string)fields["reply_to"]!, fields.ContainsKey(OneWay));
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

    public static (Guid Id, Reply Reply) ReadReply(StreamEntry entry)
    {
        var id = Guid.ParseExact((string)entry["id"]!, "N");
        return entry["fault"] is { IsNull: false } fault
            ? (id, new Reply(default, JsonSerializer.Deserialize<Fault>((byte[])fault!, DoxJson.Options)))
            : (id, new Reply((byte[])entry["body"]!));
    }

    private static DateTimeOffset Moment(RedisValue ticks) => new(long.Parse((string)ticks!, CultureInfo.InvariantCulture), TimeSpan.Zero);
}

/// <summary>An envelope that came by a stream.</summary>
internal sealed record Delivered(RedisValue EntryId, Envelope Envelope, string To, string ReplyTo, bool OneWay);
