using System.Text;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Gives a PDF whose cross-reference is lost, usually with its cut-off end, a new one over the objects that its bytes show.
/// </summary>
internal static class PdfRepair
{
    /// <summary>The bytes with a new cross-reference behind them; null when no catalog is there to start from.</summary>
    public static byte[]? Rebuild(ReadOnlyMemory<byte> file, int maxObjects, int maxDepth)
    {
        var offsets = new SortedDictionary<long, long>();
        long? catalog = null;
        var end = file.Span.LastIndexOf("endobj"u8);
        if (end < 0) return null;
        file = file[..(end + "endobj".Length)]; // what follows is an object that was cut off
        foreach (var (number, offset, token) in LooseObjects.Find(file, static _ => true, maxDepth))
        {
            if (number is <= 0 or > int.MaxValue) continue;
            offsets[number] = offset;
            if (offsets.Count > maxObjects) return null;
            if (token is DictionaryToken dictionary && dictionary.TryGet(NameToken.Type, out NameToken type) && type.Data == "Catalog")
                catalog = number;
        }

        if (catalog is null) return null;
        var table = new StringBuilder("\nxref\n0 1\n0000000000 65535 f \n");
        foreach (var (number, offset) in offsets) table.Append($"{number} 1\n{offset:D10} 00000 n \n");
        table.Append($"trailer<</Root {catalog} 0 R/Size {offsets.Keys.Max() + 1}>>\nstartxref\n{file.Length + 1}\n%%EOF\n");
        return [.. file.Span, .. Encoding.Latin1.GetBytes(table.ToString())];
    }
}
