using Dox.DocumentReading;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Exceptions;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>Opens a PDF within a budget, repairs it where its cross-reference is lost, and tells locked from broken.</summary>
internal static class PdfOpening
{
    private const int MaxStackDepth = 256;
    private const int MaxRepairedObjects = 100_000;
    private static readonly int[] KnownAlgorithms = [1, 2, 4, 5];

    public static PdfDocument Open(ReadOnlyMemory<byte> file, InflateBudget budget)
    {
        if (TryOpen(file, budget) is { } document) return document;
        var keys = KeyDictionary(file);
        if (keys is not null && !IsKnown(keys)) throw Locked(keys, asksForPassword: false);
        if (keys is null
            && PdfRepair.Rebuild(file, MaxRepairedObjects, MaxStackDepth) is { } repaired
            && TryOpen(repaired, budget) is { } rebuilt)
        {
            return rebuilt;
        }

        throw new RefusedException(
            ReadingOutcome.Broken, "pdf_no_structure", "The PDF has no readable cross-reference, trailer and catalog.");
    }

    /// <summary>A page that is one: PdfPig makes an empty one of a page tree whose pages are lost.</summary>
    public static Page ReadPage(this PdfDocument document, int number)
    {
        var page = document.GetPage(number);
        return page.Dictionary.Data.Count > 0 && !page.Dictionary.ContainsKey(NameToken.Kids)
            ? page
            : throw new RefusedException(ReadingOutcome.Broken, "pdf_page_missing", $"Page {number} of the PDF is missing.");
    }

    private static PdfDocument? TryOpen(ReadOnlyMemory<byte> file, InflateBudget budget)
    {
        try
        {
            var document = PdfDocument.Open(
                file,
                new ParsingOptions
                {
                    UseLenientParsing = true,
                    SkipMissingFonts = true,
                    MaxStackDepth = MaxStackDepth,
                    FilterProvider = new BoundedFilters(budget),
                });
            LargeStreams.Lay(document, file);
            return document;
        }
        catch (PdfDocumentEncryptedException e)
        {
            // It throws the same for a scheme that it doesn't know; only the message tells
            throw Locked(KeyDictionary(file), e.Message.Contains("passwords", StringComparison.Ordinal));
        }
#pragma warning disable CA1031 // whatever it was that PdfPig couldn't read, the document has no readable structure
        catch (Exception e) when (e is not (RefusedException or OutOfMemoryException or PdfDocumentStackDepthException))
#pragma warning restore CA1031
        {
            budget.ThrowIfExceeded();
            return null;
        }
    }

    private static RefusedException Locked(DictionaryToken? keys, bool asksForPassword) => asksForPassword && (keys is null || IsKnown(keys))
        ? new RefusedException(ReadingOutcome.Encrypted, "pdf_needs_password", "The PDF opens only with a password; send it without one.")
        : new RefusedException(
            ReadingOutcome.Encrypted, "pdf_encryption_unsupported",
            "The PDF is encrypted in a way that can't be opened here, for example for certain people's keys; send it without encryption.");

    private static bool IsKnown(DictionaryToken keys) =>
        keys.TryGet(NameToken.Filter, out NameToken handler) && handler.Data == "Standard"
        && keys.TryGet(NameToken.V, out NumericToken algorithm) && KnownAlgorithms.Contains(algorithm.Int);

    // It is never encrypted itself, so it can be found by looking at the bytes
    private static DictionaryToken? KeyDictionary(ReadOnlyMemory<byte> file) => LooseObjects
        .Find(file, static _ => true, MaxStackDepth)
        .Select(o => o.Token)
        .OfType<DictionaryToken>()
        .LastOrDefault(d => d.ContainsKey(NameToken.Filter) && d.ContainsKey(NameToken.V)
            && (d.ContainsKey(NameToken.O) || d.ContainsKey(NameToken.Create("Recipients")) || d.ContainsKey(NameToken.Cf)));
}
