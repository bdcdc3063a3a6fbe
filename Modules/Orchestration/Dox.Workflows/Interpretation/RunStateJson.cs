using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dox.Workflows.Interpretation;

/// <summary>How a run's state is written: snake_case, nulls left out, generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunState))]
[JsonSerializable(typeof(RunError))]
[JsonSerializable(typeof(StepError))]
[JsonSerializable(typeof(Wait))]
internal sealed partial class RunStateContext : JsonSerializerContext;

/// <summary>Writes and reads a <see cref="RunState"/>.</summary>
public static class RunStateJson
{
    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    private static readonly RunStateContext Context = new(new JsonSerializerOptions(RunStateContext.Default.Options)
    {
        Converters =
        {
            new JsonStringEnumConverter<RunStatus>(JsonNamingPolicy.SnakeCaseLower),
            new JsonStringEnumConverter<StepStatus>(JsonNamingPolicy.SnakeCaseLower),
            new JsonStringEnumConverter<WaitKind>(JsonNamingPolicy.SnakeCaseLower),
        },
    });

    /// <summary>The state as UTF-8 JSON.</summary>
    public static byte[] Write(RunState state) => JsonSerializer.SerializeToUtf8Bytes(state, Context.RunState);

    /// <summary>Writes the state as UTF-8 JSON, without a copy in between.</summary>
    public static void Write(RunState state, IBufferWriter<byte> to)
    {
        // One a thread: a checkpoint is written far too often for a writer each.
        var writer = t_writer ??= new Utf8JsonWriter(to, WriterOptions);
        writer.Reset(to);
        JsonSerializer.Serialize(writer, state, Context.RunState);
        writer.Flush();
        writer.Reset(Stream.Null);
    }

    /// <summary>The state as JSON text.</summary>
    public static string WriteText(RunState state) => JsonSerializer.Serialize(state, Context.RunState);

    /// <summary>The state that <see cref="Write(RunState)"/> wrote.</summary>
    /// <exception cref="JsonException">It isn't one.</exception>
    public static RunState Read(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.RunState) ?? throw new JsonException("A run's state is missing.");

    /// <summary>The state that <see cref="WriteText"/> wrote.</summary>
    /// <exception cref="JsonException">It isn't one.</exception>
    public static RunState Read(string json) => JsonSerializer.Deserialize(json, Context.RunState) ?? throw new JsonException("A run's state is missing.");
}
