using System.Collections.Frozen;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Learning;

/// <summary>How much a token says, by how many families of the library have it in an anchor.</summary>
internal sealed class TokenRarity
{
    private readonly FrozenDictionary<string, int> _families;
    private readonly int _count;

    private TokenRarity(FrozenDictionary<string, int> families, int count) => (_families, _count) = (families, count);

    public static TokenRarity Of(IEnumerable<TemplateDefinition> library)
    {
        var families = library.GroupBy(t => t.Family, StringComparer.Ordinal)
            .Select(f => f.SelectMany(t => t.Match.Anchors).SelectMany(a => a.Text.Tokens).ToHashSet(StringComparer.Ordinal))
            .ToList();
        return new(
            families.SelectMany(f => f).GroupBy(t => t, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal),
            families.Count);
    }

    /// <summary>From 0.5 for what every family has to 4 for what one of many has.</summary>
    public double WeightOf(string token) =>
        Math.Clamp(0.5 + Math.Log((_count + 2.0) / (_families.GetValueOrDefault(token) + 1.0)) * 0.7 + 0.5, 0.5, 4) * Math.Min(1, 0.4 + 0.15 * token.Length);
}
