using Dox.DocumentReading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Exceptions;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>Opens a PDF within a budget, and tells locked from broken.</summary>
internal static class PdfOpening
{
    private const int MaxStackDepth = 256;
    private static readonly int[] KnownAlgorithms = [1, 2, 4, 5];

    public static PdfDocument Open(ReadOnlyMemory<byte> file, InflateBudget budget)
    {
        try
        {
            return PdfDocument.Open(
                file,
                new ParsingOptions
                {
                    UseLenientParsing = true,
                    SkipMissingFonts = true,
                    MaxStackDepth = MaxStackDepth,
                    FilterProvider = new BoundedFilters(budget),
                });
        }
        catch (PdfDocumentEncryptedException)
        {
            throw Locked(file);
        }
#pragma warning disable CA1031 // whatever it was that PdfPig couldn't read, the document has no readable structure
        catch (Exception e) when (e is not (RefusedException or OutOfMemoryException or PdfDocumentStackDepthException))
#pragma warning restore CA1031
        {
            budget.ThrowIfExceeded();
            if (IsEncrypted(file) && !UsesKnownEncryption(file)) throw Locked(file);
            throw new RefusedException(
                ReadingOutcome.Broken, "pdf_no_structure", "The PDF has no readable cross-reference, trailer and catalog.");
        }
    }

    private static RefusedException Locked(ReadOnlyMemory<byte> file) => UsesKnownEncryption(file)
        ? new RefusedException(ReadingOutcome.Encrypted, "pdf_needs_password", "The PDF opens only with a password; send it without one.")
        : new RefusedException(
            ReadingOutcome.Encrypted, "pdf_encryption_unsupported",
            "The PDF is encrypted in a way that can't be opened here, for example for certain people's keys; send it without encryption.");

    private static bool IsEncrypted(ReadOnlyMemory<byte> file) => KeyDictionary(file) is not null;

    private static bool UsesKnownEncryption(ReadOnlyMemory<byte> file) =>
        KeyDictionary(file) is not { } keys
        || (keys.TryGet(NameToken.Filter, out NameToken handler) && handler.Data == "Standard"
            && keys.TryGet(NameToken.V, out NumericToken algorithm) && KnownAlgorithms.Contains(algorithm.Int));

    // It is never encrypted itself, so it can be found by looking at the bytes
    private static DictionaryToken? KeyDictionary(ReadOnlyMemory<byte> file) => LooseObjects
        .Find(file, static _ => true, MaxStackDepth)
        .Select(o => o.Token)
        .OfType<DictionaryToken>()
        .LastOrDefault(d => d.ContainsKey(NameToken.Filter) && d.ContainsKey(NameToken.V)
            && (d.ContainsKey(NameToken.O) || d.ContainsKey(NameToken.Create("Recipients")) || d.ContainsKey(NameToken.Cf)));
}
