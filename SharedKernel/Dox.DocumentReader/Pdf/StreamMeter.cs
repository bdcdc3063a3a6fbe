using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokenization.Scanner;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>
/// Spends from the budget what a stream decodes to, its last filter without keeping the output. Codecs of pictures aren't run. Without a scanner the names
/// of filters are those that stand in the stream's own dictionary.
/// </summary>
internal sealed class StreamMeter(IFilterProvider filters, IPdfTokenScanner? scanner, InflateBudget budget)
{
    public void Measure(StreamToken stream)
    {
        try
        {
            Spend(stream);
        }
#pragma warning disable CA1031 // a stream that doesn't decode has no size; the page that needs it tells
        catch (Exception e) when (e is not (RefusedException or OutOfMemoryException))
#pragma warning restore CA1031
        {
            budget.ThrowIfExceeded();
        }
    }

    private void Spend(StreamToken stream)
    {
        var chain = Names(stream.StreamDictionary);
        if (chain.Count == 0) return;
        budget.CheckChain(chain.Count);
        var data = stream.Data;
        for (var i = 0; i < chain.Count; i++)
        {
            var last = i == chain.Count - 1;
            switch (chain[i])
            {
                case "CCITTFaxDecode" or "CCF" or "DCTDecode" or "DCT" or "JBIG2Decode" or "JPXDecode" or "Crypt":
                    return;
                case "FlateDecode" or "Fl" when last:
                    Expansion.CountFlate(data, budget);
                    return;
                case "LZWDecode" or "LZW" when last:
                    Expansion.CountLzw(data.Span, EarlyChange(stream.StreamDictionary, i), budget);
                    return;
                case "RunLengthDecode" or "RL" when last:
                    Expansion.CountRunLength(data.Span, budget);
                    return;
                default:
                    data = filters.GetNamedFilters([NameToken.Create(chain[i])])[0].Decode(data, stream.StreamDictionary, filters, i);
                    break;
            }
        }
    }

    public static bool EarlyChange(DictionaryToken dictionary, int filter)
    {
        var parameters = dictionary.Value("DecodeParms") ?? dictionary.Value("DP");
        if (parameters is ArrayToken array) parameters = filter < array.Length ? array[filter] : null;
        return parameters is not DictionaryToken own
            || !own.TryGet(NameToken.Create("EarlyChange"), out NumericToken change)
            || change.Int != 0;
    }

    private IToken? Resolve(IToken? token) => scanner is null ? token : scanner.Resolve(token);

    private List<string> Names(DictionaryToken dictionary)
    {
        var filter = Resolve(dictionary.Value("Filter"));
        if (filter is NameToken one) return [one.Data];
        if (filter is not ArrayToken many) return [];
        budget.CheckChain(many.Length);
        return many.Data.Select(t => Resolve(t) is NameToken name ? name.Data : "").ToList();
    }
}
