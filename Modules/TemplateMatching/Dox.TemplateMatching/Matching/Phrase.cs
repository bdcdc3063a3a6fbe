using System.Collections.Immutable;

namespace Dox.TemplateMatching.Matching;

/// <summary>One or more words that stand beside each other, as written and as compared.</summary>
internal sealed record Phrase(string Text, ImmutableArray<string> Tokens)
{
    public static Phrase Of(string text) => new(text, [.. Words(text).Select(TextFolding.Token).Where(t => t.Length > 0)]);

    public bool Equals(Phrase? other) => other is not null && Tokens.SequenceEqual(other.Tokens, StringComparer.Ordinal);

    public override int GetHashCode() => string.GetHashCode(Tokens[0], StringComparison.Ordinal);

    public override string ToString() => Text;

    private static IEnumerable<string> Words(string text)
    {
        var start = 0;
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !TextFolding.Spaces.Contains(text[i])) continue;
            if (i > start) yield return text[start..i];
            start = i + 1;
        }
    }
}
