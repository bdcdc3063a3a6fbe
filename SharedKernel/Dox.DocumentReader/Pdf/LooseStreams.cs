using System.IO.Compression;
using Dox.DocumentReading;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Measures streams that were found by looking at the bytes: those that no cross-reference names, and all of a PDF that doesn't open. A virus scanner goes by
/// the bytes too, and inflates what no viewer would.
/// </summary>
internal sealed class LooseStreams(InflateBudget budget, InspectionLimits limits, int depth)
{
    private const int HeadLength = 512;
    private readonly BoundedFilters _filters = new(budget);

    /// <summary>Spends what the stream decodes to, and has a document or an archive in it inspected.</summary>
    /// <exception cref="RefusedException">It is too much, or can't be told.</exception>
    public void Measure(StreamToken stream)
    {
        var deflated = LooksDeflated(stream.Data.Span);
        // Also where its dictionary doesn't say so in a way that is understood here
        if (deflated && stream.StreamDictionary.Value("Filter") is not ArrayToken { Length: > 1 }) Expansion.CountFlate(stream.Data, budget);
        else new StreamMeter(_filters, scanner: null, budget).Measure(stream);
        var type = MediaTypes.Sniff(deflated ? InflatedHead(stream.Data) : stream.Data.Span);
        if (IsArchiveOfOthers(type)) throw new RefusedException(ReadingOutcome.TooLarge, "archive_unmeasured", $"It holds an archive of type {type}; what that expands to can't be told.");
        if (type is not (MediaTypes.Pdf or MediaTypes.Zip or MediaTypes.Gzip)) return;
        if (type == MediaTypes.Pdf && depth >= limits.MaxEmbeddingDepth)
            throw new RefusedException(ReadingOutcome.TooLarge, "pdf_embedded_too_deep", $"PDFs are embedded in PDFs more than {limits.MaxEmbeddingDepth} levels deep.");

        var inner = Opening.Inspect(deflated ? Expansion.Inflate(stream.Data, budget) : stream.Data, type, limits, depth + 1);
        if (inner.Outcome is ReadingOutcome.TooLarge or ReadingOutcome.OutOfMemory || (type != MediaTypes.Pdf && !inner.IsOk))
            throw new RefusedException(ReadingOutcome.TooLarge, type == MediaTypes.Pdf ? inner.Code : "archive_unmeasured", $"A file within the PDF: {inner.Message}");
    }

    // The two bytes that zlib starts with
    private static bool LooksDeflated(ReadOnlySpan<byte> data) => data.Length > 2 && (data[0] & 0x0f) == 8 && ((data[0] << 8) | data[1]) % 31 == 0;

    private static bool IsArchiveOfOthers(string type) => type is "application/vnd.rar" or "application/x-7z-compressed";

    private static byte[] InflatedHead(ReadOnlyMemory<byte> data)
    {
        var head = new byte[HeadLength];
        try
        {
            using var inflater = new DeflateStream(Expansion.AsStream(data[2..]), CompressionMode.Decompress);
            return head[..inflater.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }
}
