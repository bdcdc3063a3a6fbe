using System.Runtime.InteropServices;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Gives PdfPig the large streams of a document where they lie in the file. It would copy each into memory of its own, which is nearly all of what a scanned
/// page costs: the system has to find and clear that memory.
/// </summary>
internal static class LargeStreams
{
    private const int Least = 32 * 1024;
    private const int MaxDepth = 100;

    /// <summary>Does so with those that are just what the specification says of them; whatever is odd is left to PdfPig, which knows how to search.</summary>
    public static void Lay(PdfDocument document, ReadOnlyMemory<byte> file)
    {
        // PdfPig deciphers what it reads itself
        if (document.IsEncrypted || file.Length < Least) return;
        var places = document.Structure.CrossReferenceTable.ObjectOffsets
            .Where(o => o.Value.Type == XrefEntryType.File && o.Value.Value1 > 0 && o.Value.Value1 < file.Length)
            .Select(o => (o.Key, Offset: (int)o.Value.Value1))
            .OrderBy(o => o.Offset)
            .ToList();
        var scanner = document.Structure.TokenScanner;
        for (var i = 0; i < places.Count; i++)
        {
            var end = i + 1 < places.Count ? places[i + 1].Offset : file.Length;
            if (end - places[i].Offset < Least) continue;
            if (Find(file[places[i].Offset..], places[i].Key, scanner) is { } stream) scanner.ReplaceToken(places[i].Key, stream);
        }
    }

    private static StreamToken? Find(ReadOnlyMemory<byte> body, IndirectReference reference, IPdfTokenScanner objects)
    {
        try
        {
            var scanner = new CoreTokenScanner(new MemoryInputBytes(body), usePdfDocEncoding: true, new StackDepthGuard(MaxDepth), useLenientParsing: true);
            if (!scanner.TryReadToken(out NumericToken number) || number.Long != reference.ObjectNumber
                || !scanner.TryReadToken(out NumericToken generation) || generation.Int != reference.Generation
                || !scanner.TryReadToken(out OperatorToken keyword) || !keyword.Equals(OperatorToken.StartObject)
                || !scanner.TryReadToken(out DictionaryToken dictionary)
                || !scanner.TryReadToken(out OperatorToken start) || !start.Equals(OperatorToken.StartStream)
                || objects.Resolve(dictionary.Value("Length")) is not NumericToken { Long: > 0 and var length }) return null;

            var content = body[(int)(scanner.CurrentTokenStart + start.Data.Length)..];
            var lineEnd = content.Span.StartsWith("\r\n"u8) ? 2 : content.Span.StartsWith("\n"u8) ? 1 : 0;
            if (lineEnd == 0 || length > content.Length - lineEnd) return null;
            content = content[lineEnd..];
            return IsEnd(content.Span[(int)length..]) ? new StreamToken(dictionary, MemoryMarshal.AsMemory(content[..(int)length])) : null;
        }
#pragma warning disable CA1031 // whatever it was that couldn't be read this way, PdfPig tries another one
        catch (Exception e) when (e is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private static bool IsEnd(ReadOnlySpan<byte> behind)
    {
        behind = behind.TrimStart("\r\n"u8);
        return behind.StartsWith("endstream"u8) && behind["endstream".Length..].TrimStart("\r\n\t "u8).StartsWith("endobj"u8);
    }
}
