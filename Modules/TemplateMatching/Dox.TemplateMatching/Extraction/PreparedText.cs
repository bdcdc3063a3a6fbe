using System.Text;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Extraction;

/// <summary>A text whose every character remembers the word that it came from, through all that is done to it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Sources">For each character the index of its word; -1 for none.</param>
/// <param name="Words">The words that the indexes are of.</param>
internal sealed record PreparedText(string Text, IReadOnlyList<int> Sources, IReadOnlyList<PlacedWord> Words)
{
    private const int MaxLength = 4_000_000;

    /// <summary>The words that a part of the text came from, in order.</summary>
    public IReadOnlyList<PlacedWord> WordsOf(int start, int length) =>
        [.. Sources.Skip(start).Take(length).Where(i => i >= 0).Distinct().Select(i => Words[i])];

    public PreparedText Part(int start, int length) => new(Text.Substring(start, length), [.. Sources.Skip(start).Take(length)], Words);

    public PreparedText Apply(TextRules rules, ExpressionRuns runs)
    {
        var text = this;
        if (rules.RemoveWhitespace) text = text.Rewrite(c => c == ' ' ? "" : null);
        if (rules.RemoveAccents) text = text.Rewrite(Plain);
        if (rules.Lowercase) text = text.Rewrite(c => char.IsUpper(c) ? char.ToLowerInvariant(c).ToString() : null);
        return rules.Replace.Aggregate(text, (t, r) => t.Replace(r, runs));
    }

    // Only letters that have an accent: signs such as dashes are another matter.
    private static string? Plain(char c)
    {
        if (c < '\u00C0' || !char.IsLetter(c) || c is 'ß' or 'æ' or 'Æ' or 'œ' or 'Œ') return null;
        var plain = TextFolding.Token(c.ToString());
        return plain.Length != 1 || !char.IsAsciiLetter(plain[0]) ? null : char.IsUpper(c) ? plain.ToUpperInvariant() : plain;
    }

    private PreparedText Rewrite(Func<char, string?> rewrite)
    {
        var (text, sources) = (new StringBuilder(Text.Length), new List<int>(Text.Length));
        for (var i = 0; i < Text.Length; i++)
        {
            var with = rewrite(Text[i]) ?? Text[i].ToString();
            text.Append(with);
            for (var n = 0; n < with.Length; n++) sources.Add(Sources[i]);
        }

        return new(text.ToString(), sources, Words);
    }

    private PreparedText Replace(Replacement replacement, ExpressionRuns runs)
    {
        var matches = runs.All(replacement.Expression, Text, "replace", int.MaxValue);
        if (matches.Count == 0) return this;
        var (text, sources, at) = (new StringBuilder(Text.Length), new List<int>(Text.Length), 0);
        foreach (var match in matches)
        {
            Take(at, match.Index);
            var with = match.Result(replacement.With);
            text.Append(with);
            // What takes its place stands where it stood, character for character as far as both go.
            for (var i = 0; i < with.Length; i++) sources.Add(match.Length == 0 ? -1 : Sources[match.Index + Math.Min(i * match.Length / with.Length, match.Length - 1)]);
            at = match.Index + match.Length;
            if (text.Length > MaxLength) return this;
        }

        Take(at, Text.Length);
        return new(text.ToString(), sources, Words);

        void Take(int from, int to)
        {
            text.Append(Text, from, to - from);
            for (var i = from; i < to; i++) sources.Add(Sources[i]);
        }
    }
}
