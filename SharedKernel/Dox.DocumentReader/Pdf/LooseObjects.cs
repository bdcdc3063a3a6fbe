using System.Runtime.InteropServices;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Objects found by looking for <c>1 0 obj</c> in the bytes, whatever the cross-reference says: what it leaves out, another viewer may
/// still find, and an encrypted document's key dictionary is there although nothing else can be read.
/// </summary>
internal static class LooseObjects
{
    /// <summary>What stands behind each <c>1 0 obj</c>. A stream has all that follows its beginning: where it ends only its filters know.</summary>
    public static IEnumerable<(long Number, long Offset, IToken Token)> Find(ReadOnlyMemory<byte> file, Func<long, bool> wantsOffset, int maxDepth)
    {
        for (var at = 0; at < file.Length;)
        {
            var found = file.Span[at..].IndexOf(" obj"u8);
            if (found < 0) yield break;
            var end = at + found + 4;
            at = end;
            if (!HeadBefore(file.Span[..(end - 4)], out var number, out var offset) || !wantsOffset(offset)) continue;
            if (Parse(file[end..], maxDepth) is { } token) yield return (number, offset, token);
        }
    }

    // Reads "12 0" backwards from the keyword
    private static bool HeadBefore(ReadOnlySpan<byte> before, out long number, out long offset)
    {
        number = offset = 0;
        var generation = TrailingDigits(before);
        if (generation is 0 or > 5) return false;
        var rest = before[..^generation];
        var spaces = rest.Length - rest.TrimEnd(" \r\n\t"u8).Length;
        if (spaces == 0) return false;
        rest = rest[..^spaces];
        var digits = TrailingDigits(rest);
        if (digits is 0 or > 10) return false;
        offset = rest.Length - digits;
        foreach (var digit in rest[^digits..]) number = (number * 10) + digit - '0';
        return true;
    }

    private static int TrailingDigits(ReadOnlySpan<byte> text)
    {
        var count = 0;
        while (count < text.Length && text[^(count + 1)] is >= (byte)'0' and <= (byte)'9') count++;
        return count;
    }

    private static ReadOnlyMemory<byte>? StreamBehind(CoreTokenScanner scanner, ReadOnlyMemory<byte> body)
    {
        const string Keyword = "stream";
        do
        {
            if (!scanner.MoveNext()) return null;
        }
        while (scanner.CurrentToken is CommentToken);
        if (scanner.CurrentToken is not OperatorToken operation || !operation.Data.StartsWith(Keyword, StringComparison.Ordinal)) return null;
        var content = body[(int)(scanner.CurrentTokenStart + Keyword.Length)..];
        if (content.Span.StartsWith("\r"u8)) content = content[1..];
        return content.Span.StartsWith("\n"u8) ? content[1..] : content;
    }

    private static IToken? Parse(ReadOnlyMemory<byte> body, int maxDepth)
    {
        try
        {
            var scanner = new CoreTokenScanner(
                new MemoryInputBytes(body), usePdfDocEncoding: false, new StackDepthGuard(maxDepth), useLenientParsing: true);
            if (!scanner.MoveNext()) return null;
            var token = scanner.CurrentToken;
            return token is DictionaryToken dictionary && StreamBehind(scanner, body) is { } content ? new StreamToken(dictionary, MemoryMarshal.AsMemory(content)) : token;
        }
#pragma warning disable CA1031 // a loose object that can't be parsed isn't one
        catch (Exception e) when (e is not (OutOfMemoryException or PdfDocumentStackDepthException))
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
