using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace Dox.DocumentReader.Pdf;

/// <summary>PdfPig's filters, none of which inflates more than the budget has left.</summary>
internal sealed class BoundedFilters(InflateBudget budget) : BaseFilterProvider(Wrap(budget)), IFilterProvider
{
    private static readonly string[] Names =
    [
        "ASCII85Decode", "A85", "ASCIIHexDecode", "AHx", "CCITTFaxDecode", "CCF", "DCTDecode", "DCT", "FlateDecode", "Fl",
        "JBIG2Decode", "JPXDecode", "RunLengthDecode", "RL", "LZWDecode", "LZW",
    ];

    IReadOnlyList<IFilter> IFilterProvider.GetFilters(DictionaryToken dictionary)
    {
        if (dictionary.TryGet(NameToken.Filter, out ArrayToken chain)) budget.CheckChain(chain.Length);
        return GetFilters(dictionary);
    }

    IReadOnlyList<IFilter> IFilterProvider.GetNamedFilters(IReadOnlyList<NameToken> names)
    {
        budget.CheckChain(names.Count);
        return GetNamedFilters(names);
    }

    private static Dictionary<string, IFilter> Wrap(InflateBudget budget) => Names.ToDictionary(
        name => name,
        IFilter (name) => new BoundedFilter(name, DefaultFilterProvider.Instance.GetNamedFilters([NameToken.Create(name)])[0], budget),
        StringComparer.Ordinal);

    private sealed class BoundedFilter(string name, IFilter inner, InflateBudget budget) : IFilter
    {
        // The most that deflate makes of a byte; less than this much needs no counting first
        private const int FlateMaximum = 1032;
        private const long Harmless = 16L * 1024 * 1024;

        public bool IsSupported => inner.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex)
        {
            budget.ThrowIfExceeded();
            switch (name)
            {
                case "FlateDecode" or "Fl" when !streamDictionary.ContainsKey(NameToken.DecodeParms) && !streamDictionary.ContainsKey(NameToken.Dp):
                    return Expansion.Inflate(input, budget);
                case "FlateDecode" or "Fl" when (long)input.Length * FlateMaximum > Math.Min(Harmless, budget.Left):
                    Expansion.CountFlate(input, budget);
                    return inner.Decode(input, streamDictionary, filterProvider, filterIndex);
                case "LZWDecode" or "LZW":
                    Expansion.CountLzw(input.Span, StreamMeter.EarlyChange(streamDictionary, filterIndex), budget);
                    return inner.Decode(input, streamDictionary, filterProvider, filterIndex);
                case "RunLengthDecode" or "RL":
                    Expansion.CountRunLength(input.Span, budget);
                    return inner.Decode(input, streamDictionary, filterProvider, filterIndex);
                default:
                    var output = inner.Decode(input, streamDictionary, filterProvider, filterIndex);
                    budget.Spend(output.Length);
                    return output;
            }
        }
    }
}
