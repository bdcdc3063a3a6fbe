using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Dispatch;

namespace Dox.SharedKernel.Infrastructure.Transport;

/// <summary>A message on its way to another module: the same in the outbox, in the process and on Redis.</summary>
/// <param name="Id">Of the message: the inbox knows repeats by it.</param>
/// <param name="Name">On the wire.</param>
/// <param name="From">The sending module; <c>host</c> for the host.</param>
/// <param name="Caller">On whose behalf.</param>
/// <param name="Occurred">When it was sent, UTC.</param>
internal sealed record Envelope(Guid Id, string Name, string From, Caller Caller, DateTimeOffset Occurred)
{
    /// <summary>The message as JSON (UTF-8); empty while it is at hand as <see cref="Message"/>.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>When the sender stops waiting; null for one-way messages.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>A command that was answered before under this key is answered the same again.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>W3C trace context, so that one trace crosses processes.</summary>
    public string? TraceParent { get; init; } = Activity.Current?.Id;

    /// <summary>W3C trace state.</summary>
    public string? TraceState { get; init; } = Activity.Current?.TraceStateString;

    /// <summary>The message itself, where it never left the process.</summary>
    [JsonIgnore]
    public object? Message { get; init; }

    /// <summary>The message: the one at hand, else read from <see cref="Body"/>.</summary>
    /// <exception cref="JsonException">The body isn't that message.</exception>
    public object Read(MessageType type) =>
        Message ?? JsonSerializer.Deserialize(Body.Span, type.Type, DoxJson.Options) ?? throw new JsonException($"The body of {Name} is null.");

    /// <summary>As it leaves the process: the message in <see cref="Body"/> alone.</summary>
    public Envelope Encoded() => Message is null
        ? this
        : this with { Body = JsonSerializer.SerializeToUtf8Bytes(Message, Message.GetType(), DoxJson.Options), Message = null };

    /// <summary>The trace that it belongs to.</summary>
    public ActivityContext Trace => ActivityContext.TryParse(TraceParent, TraceState, isRemote: true, out var context) ? context : default;
}
