using System.Text.Json.Serialization;

namespace Dox.DocumentReading;

/// <summary>What an inspection may spend on a document before it is refused as too large.</summary>
public sealed record InspectionLimits
{
    /// <summary>Bytes of the document itself.</summary>
    public long MaxBytes { get; init; } = 50L * 1024 * 1024;

    /// <summary>Pages of a PDF, or images in a TIFF.</summary>
    public int MaxPages { get; init; } = 2_000;

    /// <summary>Objects of a PDF, those in object streams included.</summary>
    public int MaxObjects { get; init; } = 250_000;

    /// <summary>Dictionaries and arrays within each other in a PDF.</summary>
    public int MaxDepth { get; init; } = 100;

    /// <summary>Bytes that all streams of a PDF, all images of a TIFF, or all entries of an archive, may inflate to.</summary>
    public long MaxInflatedBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Inflated bytes per stored byte, looked at once more than 64 MiB were inflated (blank scans compress very well).</summary>
    public int MaxInflateRatio { get; init; } = 100;

    /// <summary>Filters on one stream.</summary>
    public int MaxFilters { get; init; } = 4;

    /// <summary>Pixels across an image.</summary>
    public int MaxWidth { get; init; } = 4_000;

    /// <summary>Pixels down an image.</summary>
    public int MaxHeight { get; init; } = 4_000;

    /// <summary>Files embedded in a PDF.</summary>
    public int MaxEmbeddedFiles { get; init; } = 50;

    /// <summary>Entries of an archive, those of archives within it included.</summary>
    public int MaxArchiveEntries { get; init; } = 10_000;

    /// <summary>How deep archives within archives are looked into; deeper is too large.</summary>
    public int MaxArchiveDepth { get; init; } = 10;

    /// <summary>How deep PDFs within PDFs are inspected; deeper is too large.</summary>
    public int MaxEmbeddingDepth { get; init; } = 2;
}

/// <summary>How a document is locked.</summary>
[JsonConverter(typeof(SnakeCaseEnum<DocumentEncryption>))]
public enum DocumentEncryption
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Encrypted with owner's restrictions alone: it opens with the empty password, as every viewer does.</summary>
    EmptyPassword,

    /// <summary>A password must be given.</summary>
    NeedsPassword,

    /// <summary>A scheme that the reader doesn't know, public keys for example.</summary>
    Unsupported,
}

/// <summary>Kinds of content that act when a document is opened or clicked.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ActiveContentKind>))]
public enum ActiveContentKind
{
    /// <summary>A script.</summary>
    JavaScript,

    /// <summary>Something happens on opening; <see cref="ActiveContent.Detail"/> says what, <c>GoTo</c> being harmless.</summary>
    OpenAction,

    /// <summary>Something happens on an event of the document, a page or a field.</summary>
    AdditionalAction,

    /// <summary>Starts a program or opens a file.</summary>
    Launch,

    /// <summary>Sends a form's values away.</summary>
    SubmitForm,

    /// <summary>Loads form values from a file.</summary>
    ImportData,

    /// <summary>Goes to another document, by file name or address.</summary>
    GoToRemote,

    /// <summary>Goes to an embedded document.</summary>
    GoToEmbedded,

    /// <summary>Flash, video, sound or 3D.</summary>
    RichMedia,

    /// <summary>An XFA form.</summary>
    Xfa,

    /// <summary>A file within the document; see <see cref="DocumentInspection.EmbeddedFiles"/>.</summary>
    EmbeddedFile,
}

/// <summary>One kind of active content found in a document.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Detail">What it does or names, at most 200 characters: the action of an OpenAction, the target of a Launch.</param>
/// <param name="ObjectNumber">Number of the PDF object it was first found in; 0 for one outside the cross-reference table.</param>
/// <param name="Count">How often it was found.</param>
public sealed record ActiveContent(ActiveContentKind Kind, string? Detail, long ObjectNumber, int Count);

/// <summary>A file within a PDF.</summary>
public sealed record EmbeddedFile
{
    /// <summary>The name the document gives it: foreign text, metadata alone.</summary>
    public required string Name { get; init; }

    /// <summary>The media type that the document declares, if it does.</summary>
    public string? DeclaredType { get; init; }

    /// <summary>The media type that its first bytes tell; <c>application/octet-stream</c> when they tell nothing.</summary>
    public required string MediaType { get; init; }

    /// <summary>Bytes after decoding.</summary>
    public long Length { get; init; }

    /// <summary>SHA-256 of the decoded bytes, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The inspection of an embedded PDF, image or archive; null for other types.</summary>
    public DocumentInspection? Inspection { get; init; }
}

/// <summary>What opening a document to look at it told.</summary>
public sealed record DocumentInspection : ReadingResult
{
    /// <summary>The media type it was opened as.</summary>
    public string MediaType { get; init; } = "";

    /// <summary>Version of the format, for example <c>1.7</c>; null when unknown.</summary>
    public string? Version { get; init; }

    /// <summary>Bytes before a PDF's header; more than 0 is also a finding.</summary>
    public int HeaderOffset { get; init; }

    /// <summary>Pages of a PDF, images in a TIFF, 1 for a picture; 0 when it didn't open.</summary>
    public int Pages { get; init; }

    /// <summary>Width of the picture, or of the widest image in a TIFF, in pixels; 0 for a PDF.</summary>
    public int Width { get; init; }

    /// <summary>Height of the picture, or of the highest image in a TIFF, in pixels; 0 for a PDF.</summary>
    public int Height { get; init; }

    /// <summary>How the document is locked.</summary>
    public DocumentEncryption Encryption { get; init; }

    /// <summary>Objects of a PDF, or entries of an archive, that were looked at.</summary>
    public int Objects { get; init; }

    /// <summary>Bytes that were inflated while looking.</summary>
    public long InflatedBytes { get; init; }

    /// <summary>Active content by kind and detail, escaped names decoded, object streams opened.</summary>
    public IReadOnlyList<ActiveContent> ActiveContent { get; init; } = [];

    /// <summary>Files within the document.</summary>
    public IReadOnlyList<EmbeddedFile> EmbeddedFiles { get; init; } = [];
}
