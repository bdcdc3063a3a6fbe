using Dox.DocumentReading;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Learning;

/// <summary>A word of a sample that may be an anchor: it has letters and no digits.</summary>
/// <param name="Key">Page, token, and which of its occurrences on the page it is, from 1: <c>1/rechnung/2</c>.</param>
/// <param name="Page">From 1.</param>
/// <param name="X">Left edge as a fraction of the page.</param>
/// <param name="Y">Middle as a fraction of the page.</param>
/// <param name="Height">In percent of what is usual on its page.</param>
/// <param name="Written">As it stands there, without punctuation around it.</param>
/// <param name="Before">Key of the word before it in the same text; null at a text's beginning or after a value.</param>
/// <param name="Right">What stands to its right on its line.</param>
/// <param name="Below">What stands under the text that it ends.</param>
internal sealed record SampleToken(
    string Key, int Page, double X, double Y, int Height, string Written, string? Before, SampleValue? Right, SampleValue? Below)
{
    private const int MaxPages = 5;
    private const int MaxOccurrences = 4;
    private const int MaxTokens = 4_000;
    private const int MaxFields = 1_000;
    private const int MaxWritten = 64;
    private const int MaxKey = 64;
    private const int MaxLinesDown = 4;
    private const double Reach = 3;

    /// <summary>The document's, of its first pages, at most <see cref="MaxTokens"/>.</summary>
    public static IReadOnlyList<SampleToken> Of(DocumentWords document)
    {
        var usual = document.Words.Where(w => w.Token.Length > 0).GroupBy(w => w.Page).ToDictionary(g => g.Key, g => Median(g));
        var keys = Keys(document);
        var tokens = new List<SampleToken>(keys.Count);
        foreach (var (word, key) in keys)
        {
            var (x, y) = document.Fraction(word);
            var height = (int)Math.Round(100 * Math.Clamp(word.Box.Height / usual[word.Page], 0.1, 10));
            tokens.Add(new(key, word.Page, x, y, height, WrittenOf(word.Text), BeforeOf(word, document, keys), RightOf(word, document), BelowOf(word, document)));
        }

        return tokens;
    }

    public static IEnumerable<FormField> FieldsOf(DocumentWords document) =>
        document.Text.Fields.Where(f => f.Name.Length is > 0 and <= 200).DistinctBy(f => f.Name, StringComparer.Ordinal).Take(MaxFields);

    /// <summary>Whether a token may be an anchor: words with digits are values.</summary>
    public static bool IsAnchor(string token) => token.Length >= 2 && !token.Contains('0', StringComparison.Ordinal) && token.Any(char.IsLetter);

    private static Dictionary<PlacedWord, string> Keys(DocumentWords document)
    {
        var keys = new Dictionary<PlacedWord, string>(ReferenceEqualityComparer.Instance);
        var seen = new Dictionary<(int, string), int>();
        foreach (var word in document.Words)
        {
            if (word.Page > MaxPages || keys.Count >= MaxTokens) break;
            if (!IsAnchor(word.Token) || word.Token.Length > MaxKey) continue;
            var count = seen[(word.Page, word.Token)] = seen.GetValueOrDefault((word.Page, word.Token)) + 1;
            if (count <= MaxOccurrences) keys[word] = $"{word.Page}/{word.Token}/{count}";
        }

        return keys;
    }

    private static double Median(IEnumerable<PlacedWord> words)
    {
        var heights = words.Select(w => Math.Max(w.Box.Height, 1)).Order().ToList();
        return heights[heights.Count / 2];
    }

    private static string? BeforeOf(PlacedWord word, DocumentWords document, Dictionary<PlacedWord, string> keys)
    {
        var position = word.Position - 1;
        return position >= 0 && document.Words[position] is var before && before.IsFollowedBy(word) ? keys.GetValueOrDefault(before) : null;
    }

    // What is in the same line after a colon or a gap; up to four words tell its type.
    private static SampleValue? RightOf(PlacedWord word, DocumentWords document)
    {
        var text = new List<string>(4);
        PlacedWord? last = null;
        for (var i = word.Position + 1; i < document.Words.Count && document.Words[i] is var next && next.Line == word.Line && text.Count < 4; i++)
        {
            if (last is null && next.Token.Length == 0) continue;
            if (last is not null && !last.IsFollowedBy(next)) break;
            last = next;
            text.Add(next.Text);
        }

        return SampleValues.Of(text);
    }

    private static SampleValue? BelowOf(PlacedWord word, DocumentWords document)
    {
        var line = document.Lines[word.Line];
        var at = word.Position - line[0].Position;
        if (at + 1 < line.Count && word.IsFollowedBy(line[at + 1])) return null;
        var first = at;
        while (first > 0 && line[first - 1].IsFollowedBy(line[first])) first--;
        var box = line[first].Box.With(word.Box);
        for (var down = word.Line + 1; down <= word.Line + MaxLinesDown && down < document.Lines.Count; down++)
        {
            var under = document.Lines[down].FindIndex(w => w.Page == word.Page && w.Token.Length > 0 && w.Box.Left <= box.Right && w.Box.Right >= box.Left);
            if (under < 0) continue;
            var found = document.Lines[down];
            if (found[under].Box.Top - box.Bottom > Reach * Math.Max(box.Height, found[under].Box.Height)) return null;
            while (under > 0 && found[under - 1].IsFollowedBy(found[under])) under--;
            var text = new List<string>(4) { found[under].Text };
            while (++under < found.Count && text.Count < 4 && found[under - 1].IsFollowedBy(found[under])) text.Add(found[under].Text);
            return SampleValues.Of(text);
        }

        return null;
    }

    private static string WrittenOf(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && !char.IsLetterOrDigit(text[start]) && !char.IsSurrogate(text[start])) start++;
        while (end > start && !char.IsLetterOrDigit(text[end - 1]) && !char.IsSurrogate(text[end - 1])) end--;
        return text[start..Math.Min(end, start + MaxWritten)];
    }
}

/// <summary>Tells what type a value is by how it looks.</summary>
internal static class SampleValues
{
    public static SampleValue? Of(List<string> words)
    {
        if (words.Count == 0) return null;
        var text = string.Join(' ', words);
        if (text.Length > 200) text = text[..200];
        return new(FieldTypes.NameOf(TypeOf(text, words[0])), Hash(text), LocaleOf(text));
    }

    private static FieldType TypeOf(string text, string first)
    {
        if (!text.AsSpan().ContainsAnyInRange('0', '9')) return FieldType.Text;
        foreach (var type in (ReadOnlySpan<FieldType>)[FieldType.Iban, FieldType.VatId, FieldType.Date])
        {
            if (TypedValue.Find(type, text, ValueConventions.Unknown) is { Start: <= 4, Certainty: >= 0.5 }) return type;
        }

        if (TypedValue.Find(FieldType.Money, text, ValueConventions.Unknown) is { Start: <= 4, Certainty: >= 0.75 }) return FieldType.Money;
        if (!first.AsSpan().ContainsAnyInRange('0', '9')) return FieldType.Text;
        return first.All(c => char.IsAsciiDigit(c) || c is '.' or ',') && TypedValue.Find(FieldType.Number, first, ValueConventions.Unknown) is not null && first.Length < 5
            ? FieldType.Number
            : FieldType.Id;
    }

    // The sign before two decimals tells; what has groups of three alone tells nothing.
    private static string? LocaleOf(string text)
    {
        for (var i = 1; i + 2 < text.Length; i++)
        {
            if (text[i] is not (',' or '.') || !char.IsAsciiDigit(text[i - 1]) || !char.IsAsciiDigit(text[i + 1]) || !char.IsAsciiDigit(text[i + 2])) continue;
            if (i + 3 < text.Length && (char.IsAsciiDigit(text[i + 3]) || text[i + 3] is '.' or ',')) continue;
            if (i >= 3 && text[i - 3] is '.' or ',') continue;
            return text[i] == ',' ? "de-DE" : text.Contains('\'', StringComparison.Ordinal) || text.Contains('’', StringComparison.Ordinal) ? "de-CH" : "en-GB";
        }

        return null;
    }

    // FNV-1a: the same in every process, which string.GetHashCode isn't.
    private static uint Hash(string text)
    {
        var hash = 2166136261;
        foreach (var c in text) hash = unchecked((hash ^ c) * 16777619);
        return hash;
    }
}
