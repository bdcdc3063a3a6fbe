using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>Looks behind references, which hostile documents chain, loop and leave dangling.</summary>
internal static class TokenLookup
{
    private const int MaxHops = 16;

    public static IToken? Resolve(this IPdfTokenScanner scanner, IToken? token)
    {
        for (var hops = 0; hops < MaxHops; hops++)
        {
            switch (token)
            {
                case IndirectReferenceToken reference:
                    token = scanner.Load(reference.Data)?.Data;
                    break;
                case ObjectToken boxed:
                    token = boxed.Data;
                    break;
                default:
                    return token;
            }
        }

        return null;
    }

    /// <summary>The object, or null when it is missing or damaged.</summary>
    public static ObjectToken? Load(this IPdfTokenScanner scanner, IndirectReference reference)
    {
        try
        {
            return scanner.Get(reference);
        }
#pragma warning disable CA1031 // one damaged object of many says nothing about the rest; limits go through
        catch (Exception e) when (e is not (OutOfMemoryException or RefusedException or PdfDocumentStackDepthException))
#pragma warning restore CA1031
        {
            return null;
        }
    }

    public static DictionaryToken? Dictionary(this IPdfTokenScanner scanner, IToken? token) => scanner.Resolve(token) switch
    {
        DictionaryToken dictionary => dictionary,
        StreamToken stream => stream.StreamDictionary,
        _ => null,
    };

    public static string? Text(this IPdfTokenScanner scanner, IToken? token) => scanner.Resolve(token) switch
    {
        StringToken text => text.Data,
        HexToken hex => hex.Data,
        NameToken name => name.Data,
        _ => null,
    };

    public static IToken? Value(this DictionaryToken dictionary, string key) => dictionary.Data.GetValueOrDefault(key);
}
