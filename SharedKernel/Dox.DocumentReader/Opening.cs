using Dox.DocumentReader.Archives;
using Dox.DocumentReader.Images;
using Dox.DocumentReader.Pdf;
using Dox.DocumentReading;
using UglyToad.PdfPig.Core;

namespace Dox.DocumentReader;

/// <summary>A document isn't opened, for a reason that people are told.</summary>
internal sealed class RefusedException(ReadingOutcome outcome, string code, string message) : Exception(message)
{
    public ReadingOutcome Outcome { get; } = outcome;

    public string Code { get; } = code;
}

/// <summary>Opens a document as what it says it is. Whatever a library throws leaves here as an outcome in our own words.</summary>
internal static class Opening
{
    public static DocumentInspection Inspect(ReadOnlyMemory<byte> content, string mediaType, InspectionLimits limits, int depth = 0)
    {
        var result = Guarded(
            () => mediaType switch
            {
                MediaTypes.Pdf => new PdfInspector(content, limits, depth).Inspect(),
                MediaTypes.Png or MediaTypes.Jpeg => PictureInspector.Inspect(content, mediaType, limits),
                MediaTypes.Tiff => TiffInspector.Inspect(content, limits),
                MediaTypes.Zip or MediaTypes.Gzip => ArchiveMeter.Inspect(content, mediaType, limits),
                _ => throw Unsupported(mediaType),
            },
            (outcome, code, message) => new DocumentInspection { Outcome = outcome, Code = code, Message = message });
        return result with { MediaType = mediaType };
    }

    public static DocumentText ReadText(ReadOnlyMemory<byte> content, string mediaType, TextLimits limits) => Guarded(
        () => mediaType switch
        {
            MediaTypes.Pdf => new PdfTextReader(content, limits).Read(),
            MediaTypes.Png or MediaTypes.Jpeg or MediaTypes.Tiff => new DocumentText { NeedsOcr = true },
            _ => throw Unsupported(mediaType),
        },
        (outcome, code, message) => new DocumentText { Outcome = outcome, Code = code, Message = message });

    private static RefusedException Unsupported(string mediaType) => new(
        ReadingOutcome.Unsupported, "media_type_unsupported", $"Documents of type '{mediaType}' can't be opened.");

    private static T Guarded<T>(Func<T> open, Func<ReadingOutcome, string, string, T> failed)
    {
        try
        {
            return open();
        }
#pragma warning disable CA1031 // libraries throw anything over hostile bytes, and each of it means the same
        catch (Exception e)
#pragma warning restore CA1031
        {
            var refusal = RefusalFor(e);
            return failed(refusal.Outcome, refusal.Code, refusal.Message);
        }
    }

    /// <summary>What people are told where that was thrown.</summary>
    public static RefusedException RefusalFor(Exception thrown) => thrown switch
    {
        RefusedException refusal => refusal,
        OutOfMemoryException => new(ReadingOutcome.OutOfMemory, "reading_out_of_memory", "Reading the document took more memory than is allowed."),
        PdfDocumentStackDepthException or InsufficientExecutionStackException =>
            new(ReadingOutcome.TooLarge, "pdf_too_deep", "The PDF is nested more deeply than is allowed."),
        _ => new(ReadingOutcome.Broken, "document_unreadable", "The document is damaged: its content can't be read."),
    };
}
