using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dox.DocumentReading;

/// <summary>How an attempt to open a document ended. Every attempt has one; none is an exception.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ReadingOutcome>))]
public enum ReadingOutcome
{
    /// <summary>The document opened, and what was asked of it was read.</summary>
    Ok,

    /// <summary>The bytes aren't a readable document of their type.</summary>
    Broken,

    /// <summary>The document opens only with a password or a key that we don't have.</summary>
    Encrypted,

    /// <summary>Opening the document would pass a limit: bytes, pages, objects, depth, pixels or inflated size.</summary>
    TooLarge,

    /// <summary>The media type, or a feature the document depends on, isn't supported.</summary>
    Unsupported,

    /// <summary>The reading process died over the document and was replaced.</summary>
    Crashed,

    /// <summary>The document took longer than the time limit; its process was killed and replaced.</summary>
    TimedOut,

    /// <summary>The document took more memory than the limit.</summary>
    OutOfMemory,
}

/// <summary>Writes an enum's members in snake_case, as everything on DOX's wires.</summary>
/// <typeparam name="TEnum">The enum.</typeparam>
public sealed class SnakeCaseEnum<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where TEnum : struct, Enum;

/// <summary>What an answer of the reader always says, whatever was asked.</summary>
public abstract record ReadingResult
{
    /// <summary>How it ended.</summary>
    public ReadingOutcome Outcome { get; init; }

    /// <summary>A stable code for the outcome, for example <c>pdf_no_pages</c>; <c>ok</c> when it is <see cref="ReadingOutcome.Ok"/>.</summary>
    public string Code { get; init; } = "ok";

    /// <summary>One sentence for people, saying what is wrong and where possible what to do.</summary>
    public string Message { get; init; } = "The document reads.";

    /// <summary>Things worth knowing that don't decide the outcome.</summary>
    public IReadOnlyList<ReadingFinding> Findings { get; init; } = [];

    /// <summary>Whether the outcome is <see cref="ReadingOutcome.Ok"/>.</summary>
    [JsonIgnore]
    public bool IsOk => Outcome == ReadingOutcome.Ok;
}

/// <summary>Something odd about a document that still opens.</summary>
/// <param name="Code">Stable code, for example <c>pdf_header_offset</c>.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Evidence">The measured value behind it, for example an offset; null when there is none.</param>
public sealed record ReadingFinding(string Code, string Message, string? Evidence = null);
