using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Templates;

/// <summary>From a word to the templates that have it in an anchor, so that a document is scored against few of many.</summary>
internal sealed class AnchorIndex
{
    private readonly IReadOnlyList<TemplateDefinition> _templates;
    private readonly Dictionary<string, List<(int Template, double Share)>> _postings = new(StringComparer.Ordinal);

    public AnchorIndex(IReadOnlyList<TemplateDefinition> templates)
    {
        _templates = templates;
        for (var i = 0; i < templates.Count; i++)
        {
            var anchors = templates[i].Match.Anchors;
            var total = anchors.Sum(a => a.Weight);
            var shares = anchors
                .SelectMany(a => a.Text.Tokens.Select(token => (token, share: a.Weight / a.Text.Tokens.Length / total)))
                .GroupBy(t => t.token, StringComparer.Ordinal);
            foreach (var group in shares)
            {
                if (!_postings.TryGetValue(group.Key, out var list)) _postings[group.Key] = list = [];
                list.Add((i, group.Sum(t => t.share)));
            }
        }
    }

    /// <summary>The templates that share the most words with the document, most first.</summary>
    public IReadOnlyList<TemplateDefinition> Candidates(DocumentWords document, int count)
    {
        var shares = new Dictionary<int, double>();
        foreach (var token in document.Tokens)
        {
            if (!_postings.TryGetValue(token, out var list)) continue;
            foreach (var (template, share) in list) shares[template] = shares.GetValueOrDefault(template) + share;
        }

        return [.. shares.OrderByDescending(s => s.Value).ThenBy(s => s.Key).Take(count).Select(s => _templates[s.Key])];
    }
}
