using System.Security.Cryptography;
using Dox.DocumentReading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Opens the files within a PDF; PDFs, pictures and archives among them are inspected in their turn. All of them together, at every depth, have
/// what one document may inflate to and hold.
/// </summary>
internal sealed class EmbeddedFiles(IPdfTokenScanner scanner, ILookupFilterProvider filters, InspectionLimits limits, int depth)
{
    private const int MaxName = 255;
    private static readonly string[] Streams = ["UF", "F", "DOS", "Unix", "Mac"];
    private readonly HashSet<IndirectReference> _seen = [];
    private readonly List<EmbeddedFile> _files = [];
    private int _count;

    public IReadOnlyList<EmbeddedFile> Files => _files;

    /// <summary>What the files that were inspected inflate to.</summary>
    public long InflatedBytes { get; private set; }

    public static string? NameOf(IPdfTokenScanner scanner, DictionaryToken specification) =>
        Streams.Select(key => scanner.Text(specification.Value(key))).FirstOrDefault(name => !string.IsNullOrWhiteSpace(name));

    public void Add(DictionaryToken specification)
    {
        if (scanner.Dictionary(specification.Value("EF")) is not { } contents) return;
        var name = NameOf(scanner, specification);
        foreach (var value in Streams.Select(contents.Value))
        {
            if (value is IndirectReferenceToken reference) Add(name, reference.Data);
        }
    }

    public void Add(string? name, IndirectReference reference)
    {
        if (!_seen.Add(reference) || scanner.Load(reference)?.Data is not StreamToken stream) return;
        if (++_count > limits.MaxEmbeddedFiles)
        {
            throw new RefusedException(
                ReadingOutcome.TooLarge, "pdf_too_many_embedded_files", $"The PDF holds more than {limits.MaxEmbeddedFiles} files.");
        }

        ReadOnlyMemory<byte> content = stream.Decode(filters, scanner);
        var type = MediaTypes.Sniff(content.Span);
        var inspected = type is MediaTypes.Pdf or MediaTypes.Png or MediaTypes.Jpeg or MediaTypes.Tiff or MediaTypes.Zip or MediaTypes.Gzip;
        if (type == MediaTypes.Pdf && depth >= limits.MaxEmbeddingDepth)
        {
            throw new RefusedException(
                ReadingOutcome.TooLarge, "pdf_embedded_too_deep", $"PDFs are embedded in PDFs more than {limits.MaxEmbeddingDepth} levels deep.");
        }

        var left = limits with { MaxInflatedBytes = Math.Max(0, limits.MaxInflatedBytes - InflatedBytes), MaxEmbeddedFiles = limits.MaxEmbeddedFiles - _count };
        var inspection = inspected ? Opening.Inspect(content, type, left, depth + 1) : null;
        InflatedBytes += inspection?.InflatedBytes ?? 0;
        _count += inspection is null ? 0 : CountIn(inspection);
        if (inspection is { Outcome: ReadingOutcome.TooLarge, Code: "inflated_too_large" })
        {
            throw new RefusedException(
                inspection.Outcome, inspection.Code, $"The files within the PDF inflate to more than {limits.MaxInflatedBytes >> 20} MiB together, which is the limit.");
        }

        if (inspection?.Outcome is ReadingOutcome.TooLarge or ReadingOutcome.OutOfMemory)
            throw new RefusedException(inspection.Outcome, inspection.Code, $"A file within the PDF: {inspection.Message}");
        _files.Add(new EmbeddedFile
        {
            Name = name is null ? "unnamed" : name[..Math.Min(name.Length, MaxName)],
            DeclaredType = scanner.Text(stream.StreamDictionary.Value("Subtype")),
            MediaType = type,
            Length = content.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span)),
            Inspection = inspection,
        });
    }

    private static int CountIn(DocumentInspection inspection) => inspection.EmbeddedFiles.Sum(file => 1 + (file.Inspection is { } inner ? CountIn(inner) : 0));
}
