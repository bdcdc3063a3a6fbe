using System.Collections.Frozen;
using System.Text;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads IBANs, in groups or not, and proves their checksum (ISO 13616, mod 97).</summary>
internal static class IbanValues
{
    private const int MinLength = 15;
    private const int MaxLength = 34;

    private static readonly FrozenDictionary<string, int> Lengths = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["AD"] = 24,
        ["AE"] = 23,
        ["AT"] = 20,
        ["BE"] = 16,
        ["BG"] = 22,
        ["CH"] = 21,
        ["CY"] = 28,
        ["CZ"] = 24,
        ["DE"] = 22,
        ["DK"] = 18,
        ["EE"] = 20,
        ["ES"] = 24,
        ["FI"] = 18,
        ["FR"] = 27,
        ["GB"] = 22,
        ["GI"] = 23,
        ["GR"] = 27,
        ["HR"] = 21,
        ["HU"] = 28,
        ["IE"] = 22,
        ["IS"] = 26,
        ["IT"] = 27,
        ["LI"] = 21,
        ["LT"] = 20,
        ["LU"] = 20,
        ["LV"] = 21,
        ["MC"] = 27,
        ["MT"] = 31,
        ["NL"] = 18,
        ["NO"] = 15,
        ["PL"] = 28,
        ["PT"] = 25,
        ["RO"] = 24,
        ["SE"] = 24,
        ["SI"] = 19,
        ["SK"] = 24,
        ["SM"] = 27,
        ["TR"] = 26,
        ["UA"] = 29,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static TypedValue? Find(string text)
    {
        TypedValue? wrong = null;
        for (var start = 0; start + MinLength <= text.Length; start++)
        {
            if (!StartsHere(text, start)) continue;
            if (At(text, start) is not { } found) continue;
            if (found.Certainty >= 1) return found;
            wrong ??= found;
        }

        return wrong;
    }

    public static bool IsValid(string iban)
    {
        if (iban.Length is < MinLength or > MaxLength) return false;
        var remainder = 0;
        foreach (var c in iban[4..] + iban[..4])
        {
            if (char.IsAsciiDigit(c)) remainder = (remainder * 10 + (c - '0')) % 97;
            else if (char.IsAsciiLetterUpper(c)) remainder = (remainder * 100 + (c - 'A' + 10)) % 97;
            else return false;
        }

        return remainder == 1;
    }

    private static bool StartsHere(string text, int i) =>
        char.IsAsciiLetterUpper(text[i]) && char.IsAsciiLetterUpper(text[i + 1]) && (i == 0 || !char.IsAsciiLetterOrDigit(text[i - 1]));

    // The country says how long it is. One of an unknown country ends where a word ends and the checksum holds.
    private static TypedValue? At(string text, int start)
    {
        var compact = new StringBuilder(MaxLength);
        var wanted = Lengths.GetValueOrDefault(text.Substring(start, 2));
        for (var i = start; i < text.Length && compact.Length < MaxLength; i++)
        {
            var c = text[i];
            if (c is ' ' or '\u00A0' or '-') continue;
            if (!char.IsAsciiLetterOrDigit(c)) break;
            compact.Append(char.ToUpperInvariant(c));
            if (compact.Length is 3 or 4 && !char.IsAsciiDigit(c)) return null;
            var ends = i + 1 == text.Length || !char.IsAsciiLetterOrDigit(text[i + 1]);
            if (!ends || compact.Length < MinLength || (wanted > 0 && compact.Length != wanted)) continue;
            var iban = compact.ToString();
            if (IsValid(iban)) return new(iban, start, i + 1 - start, 1);
            if (wanted > 0) return new(iban, start, i + 1 - start, 0.3);
        }

        return null;
    }
}
