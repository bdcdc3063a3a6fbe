using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Dox.TemplateMatching.Matching;

/// <summary>
/// The form in which words are compared: lower case, compatibility forms undone, diacritics dropped, digits as 0, punctuation around it cut.
/// By a table of our own, since the process runs without cultures, where <c>string.Normalize</c> does nothing.
/// </summary>
internal static class TextFolding
{
    private const int MaxToken = 64;

    private static readonly FrozenDictionary<char, string> Folded = Table();

    public static string Token(string word)
    {
        var text = new StringBuilder(Math.Min(word.Length, MaxToken));
        foreach (var c in word)
        {
            if (text.Length >= MaxToken) break;
            Append(text, c);
        }

        return Trim(text);
    }

    private static void Append(StringBuilder text, char c)
    {
        if (char.IsAsciiLetterOrDigit(c)) text.Append(char.IsAsciiDigit(c) ? '0' : char.ToLowerInvariant(c));
        else if (char.IsDigit(c)) text.Append('0');
        else if (c is '\u00AD' or '\u200B' or '\uFEFF' || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.NonSpacingMark) return;
        else if (Folded.TryGetValue(char.ToLowerInvariant(c), out var plain)) text.Append(plain);
        else if (c is > '\uFF00' and < '\uFF5F') Append(text, (char)(c - 0xFEE0)); // full-width forms
        else text.Append(char.ToLowerInvariant(c));
    }

    private static string Trim(StringBuilder text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && !Counts(text[start])) start++;
        while (end > start && !Counts(text[end - 1])) end--;
        return text.ToString(start, end - start);
    }

    private static bool Counts(char c) => char.IsLetterOrDigit(c) || char.IsSurrogate(c);

    private static FrozenDictionary<char, string> Table()
    {
        (string Plain, string Letters)[] rows =
        [
            ("a", "àáâãäåāăąª"), ("c", "çćĉċč"), ("d", "ďđð"), ("e", "èéêëēĕėęě"), ("g", "ĝğġģ"), ("h", "ĥħ"), ("i", "ìíîïĩīĭįı"), ("j", "ĵ"),
            ("k", "ķ"), ("l", "ĺļľŀł"), ("n", "ñńņňŉ"), ("o", "òóôõöøōŏőº"), ("r", "ŕŗř"), ("s", "śŝşšș"), ("t", "ţťŧț"), ("u", "ùúûüũūŭůűų"),
            ("w", "ŵ"), ("y", "ýÿŷ"), ("z", "źżž"), ("ss", "ß"), ("ae", "æ"), ("oe", "œ"), ("th", "þ"),
            ("ff", "ﬀ"), ("fi", "ﬁ"), ("fl", "ﬂ"), ("ffi", "ﬃ"), ("ffl", "ﬄ"), ("st", "ﬅﬆ"), ("tm", "™"), ("no", "№"),
            ("-", "‐‑‒–—−"), ("'", "’‘‚‛´`"), ("\"", "“”„«»"),
        ];
        return rows.SelectMany(r => r.Letters.Select(c => (c, r.Plain))).ToFrozenDictionary(t => t.c, t => t.Plain);
    }

    /// <summary>White space of any kind, where a word ends.</summary>
    public static readonly SearchValues<char> Spaces = SearchValues.Create(" \t\r\n\u00A0\u2007\u202F\u2009");
}
