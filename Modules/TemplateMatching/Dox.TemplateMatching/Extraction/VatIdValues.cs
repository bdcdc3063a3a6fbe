using System.Text.RegularExpressions;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads VAT identification numbers by their country's form; the German one by its check digit too.</summary>
internal static class VatIdValues
{
    private static readonly Regex Pattern = new(
        @"(DE ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}|ATU ?[0-9]{8}|FR ?[0-9A-Z]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}|GB ?[0-9]{3} ?[0-9]{4} ?[0-9]{2}( ?[0-9]{3})?"
        + @"|NL ?[0-9]{9}B[0-9]{2}|BE ?[01][0-9]{3}\.?[0-9]{3}\.?[0-9]{3}|CHE-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}|IT ?[0-9]{11}|ES ?[0-9A-Z][0-9]{7}[0-9A-Z]"
        + @"|PL ?[0-9]{10}|DK ?[0-9]{8}|SE ?[0-9]{12}|FI ?[0-9]{8}|LU ?[0-9]{8}|PT ?[0-9]{9}|CZ ?[0-9]{8,10}|IE ?[0-9][0-9A-Z][0-9]{5}[A-Z]{1,2})",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    public static TypedValue? Find(string text)
    {
        TypedValue? wrong = null;
        for (var match = Pattern.Match(text); match.Success; match = match.NextMatch())
        {
            var end = match.Index + match.Length;
            if ((match.Index > 0 && char.IsLetterOrDigit(text[match.Index - 1])) || (end < text.Length && char.IsLetterOrDigit(text[end]))) continue;
            var value = string.Concat(match.Value.Where(char.IsAsciiLetterOrDigit));
            var found = new TypedValue(value, match.Index, match.Length, value.StartsWith("DE", StringComparison.Ordinal) && !HasGermanCheckDigit(value) ? 0.4 : 1);
            if (found.Certainty >= 1) return found;
            wrong ??= found;
        }

        return wrong;
    }

    // ISO 7064, MOD 11,10 over the first eight digits.
    private static bool HasGermanCheckDigit(string value)
    {
        var product = 10;
        foreach (var digit in value.AsSpan(2, 8))
        {
            var sum = (digit - '0' + product) % 10;
            product = 2 * (sum == 0 ? 10 : sum) % 11;
        }

        return (11 - product) % 10 == value[10] - '0';
    }
}
