namespace Dox.TemplateMatching.Matching;

/// <summary>A phrase where it stands in a document.</summary>
internal sealed class Occurrence(IReadOnlyList<PlacedWord> words)
{
    public IReadOnlyList<PlacedWord> Words { get; } = words;

    public int Page => Words[0].Page;

    public PlacedWord First => Words[0];

    public PlacedWord Last => Words[^1];

    public Rect Box { get; } = words.Select(w => w.Box).Aggregate((a, b) => a.With(b));

    /// <summary>Where the phrase stands: words of a line one after the other, without a wide gap, punctuation between them left aside.</summary>
    public static IEnumerable<Occurrence> Of(Phrase phrase, DocumentWords document)
    {
        foreach (var start in document.WithToken(phrase.Tokens[0]))
        {
            if (phrase.Tokens.Length == 1) yield return new([start]);
            else if (From(start, phrase, document) is { } words) yield return new(words);
        }
    }

    /// <summary>Whether nothing stands close before it, as before a label.</summary>
    public bool StartsText(DocumentWords document)
    {
        var before = First.Position - 1;
        return before < 0 || !document.Words[before].IsFollowedBy(First) || document.Words[before].Token.Length == 0;
    }

    private static List<PlacedWord>? From(PlacedWord start, Phrase phrase, DocumentWords document)
    {
        var words = new List<PlacedWord>(phrase.Tokens.Length) { start };
        var last = start;
        for (var position = start.Position + 1; position < document.Words.Count && words.Count < phrase.Tokens.Length; position++)
        {
            var word = document.Words[position];
            if (!last.IsFollowedBy(word)) return null;
            last = word;
            if (word.Token.Length == 0) continue;
            if (word.Token != phrase.Tokens[words.Count]) return null;
            words.Add(word);
        }

        return words.Count == phrase.Tokens.Length ? words : null;
    }
}
