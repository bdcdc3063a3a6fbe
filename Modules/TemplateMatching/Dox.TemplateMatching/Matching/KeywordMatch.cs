using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Matching;

/// <summary>Tells templates by their keywords, expressions over the laid-out text: all must be found, and none of those that exclude.</summary>
internal static class KeywordMatch
{
    /// <summary>Those of the templates with keywords whose keywords are all found: highest priority first, then most keywords.</summary>
    public static IReadOnlyList<TemplateDefinition> Of(IReadOnlyList<TemplateDefinition> templates, DocumentWords document)
    {
        return
        [
            .. templates.Where(t => t.Match.Keywords.Count > 0 && Missing(t, document.Layout) is null)
                .OrderByDescending(t => t.Match.Priority).ThenByDescending(t => t.Match.Keywords.Count).ThenBy(t => t.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>Why the template's keywords exclude it, in words; null where they don't.</summary>
    /// <param name="template">The template.</param>
    /// <param name="text">The document's laid-out text as it stands.</param>
    public static string? Missing(TemplateDefinition template, PreparedText text)
    {
        var runs = new ExpressionRuns();
        // Keywords are written for the prepared text, and most of them would fit the text as it stands as well.
        var prepared = new Lazy<string>(() => text.Apply(template.Preparation, runs).Text);
        if (template.Match.Keywords.FirstOrDefault(k => !Found(k)) is { } missing) return $"its keyword '{missing}' isn't in the document";
        return template.Match.ExcludeKeywords.FirstOrDefault(Found) is { } excluding ? $"its excluding keyword '{excluding}' is in the document" : null;

        bool Found(Expression keyword) => runs.Finds(keyword, text.Text, "keywords")
            || (template.Preparation != TextRules.None && runs.Finds(keyword, prepared.Value, "keywords"));
    }
}
