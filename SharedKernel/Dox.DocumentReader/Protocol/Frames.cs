using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Dox.DocumentReading;

/// <summary>What a request asks for.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ReadingOperation>))]
public enum ReadingOperation
{
    /// <summary>Answered with a <see cref="DocumentInspection"/>.</summary>
    Inspect,

    /// <summary>Answered with a <see cref="DocumentText"/>.</summary>
    Text,
}

/// <summary>Head of a request; as many bytes as <see cref="ContentLength"/> says follow its frame.</summary>
public sealed record ReadingRequest
{
    /// <summary>What is asked for.</summary>
    public required ReadingOperation Operation { get; init; }

    /// <summary>The media type to open the content as.</summary>
    public required string MediaType { get; init; }

    /// <summary>Bytes that follow.</summary>
    public required long ContentLength { get; init; }

    /// <summary>After so many milliseconds the child ends itself: its parent may be gone and unable to.</summary>
    public required int DeadlineMilliseconds { get; init; }

    /// <summary>Limits of an inspection.</summary>
    public InspectionLimits? Inspection { get; init; }

    /// <summary>Limits of reading text.</summary>
    public TextLimits? Text { get; init; }
}

/// <summary>Said once by a child when it is warm.</summary>
/// <param name="Protocol">Version of the protocol it speaks.</param>
public sealed record ReaderReady(int Protocol);

/// <summary>The JSON of the protocol, generated: reflection would cost each child's start.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReadingRequest))]
[JsonSerializable(typeof(ReaderReady))]
[JsonSerializable(typeof(DocumentInspection))]
[JsonSerializable(typeof(DocumentText))]
public sealed partial class ReadingJson : JsonSerializerContext;

/// <summary>Frames of the pipe between the pool and a child: four bytes of length, big-endian, then as many bytes of JSON.</summary>
public static class Frames
{
    /// <summary>Version of the protocol; both sides are built together, so any other is refused.</summary>
    public const int Protocol = 1;

    /// <summary>Largest frame, either way.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    /// <summary>Writes a value as one frame; a stream with a buffer keeps it until it is flushed.</summary>
    public static async Task WriteAsync<T>(Stream stream, T value, JsonTypeInfo<T> type, CancellationToken ct)
    {
        using var frame = new MemoryStream(1024);
        frame.Write([0, 0, 0, 0]);
        JsonSerializer.Serialize(frame, value, type);
        var bytes = frame.GetBuffer().AsMemory(0, (int)frame.Length);
        if (bytes.Length - 4 > MaxLength)
            throw new InvalidDataException($"A frame of {bytes.Length - 4} bytes is over the limit of {MaxLength}.");
        BinaryPrimitives.WriteInt32BigEndian(bytes.Span, bytes.Length - 4);
        await stream.WriteAsync(bytes, ct);
    }

    /// <summary>Reads one frame; null at a clean end of the stream.</summary>
    /// <exception cref="InvalidDataException">The length is out of range, the stream ends within the frame, or it isn't the JSON it should be.</exception>
    public static async Task<T?> ReadAsync<T>(Stream stream, JsonTypeInfo<T> type, CancellationToken ct)
        where T : class
    {
        var head = new byte[4];
        var read = await stream.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, ct);
        if (read == 0) return null;
        if (read < 4) throw new InvalidDataException("The stream ends within a frame's length.");
        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (length is <= 0 or > MaxLength) throw new InvalidDataException($"A frame says it has {length} bytes.");

        // Grows with what really arrives: a lying length must not cost the memory it names
        using var body = new MemoryStream(Math.Min(length, 64 * 1024));
        var chunk = new byte[Math.Min(length, 64 * 1024)];
        while (body.Length < length)
        {
            var got = await stream.ReadAsync(chunk.AsMemory(0, (int)Math.Min(chunk.Length, length - body.Length)), ct);
            if (got == 0) throw new InvalidDataException("The stream ends within a frame.");
            body.Write(chunk, 0, got);
        }

        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, length), type)
                ?? throw new InvalidDataException("A frame holds null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("A frame doesn't hold the JSON it should.", e);
        }
    }
}
