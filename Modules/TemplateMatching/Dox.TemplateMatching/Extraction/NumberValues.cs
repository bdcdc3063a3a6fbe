using System.Globalization;
using System.Runtime.InteropServices;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads amounts and numbers word by word, so that parts of dates, telephone numbers and ids aren't taken for them.</summary>
internal static class NumberValues
{
    private const int MaxDigits = 24;
    private const string Signs = "-−+";
    private static readonly string[] Currencies = ["EUR", "USD", "GBP", "CHF", "PLN", "CZK", "SEK", "DKK", "NOK", "AUD", "CAD", "INR", "JPY", "Rs.", "Rs", "zł", "kr", "Kč"];

    public static TypedValue? Find(string text, ValueConventions conventions, bool money)
    {
        TypedValue? plain = null;
        var words = Words(text, conventions.Groups.Contains(' ', StringComparison.Ordinal));
        for (var i = 0; i < words.Count; i++)
        {
            var (start, length) = words[i];
            if (money && IsPercentage(text, words, i)) continue;
            if (Read(text, start, length, conventions) is not { } number) continue;
            // An amount has cents or a currency beside it; a bare number is taken only where there is no such.
            if (!money || number.Decimals == 2 || number.HasCurrency || HasCurrencyBeside(text, words, i)) return number.Value;
            plain ??= number.Value with { Certainty = number.Value.Certainty * 0.8 };
        }

        return plain;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct ReadNumber(TypedValue Value, int Decimals, bool HasCurrency);

    private static ReadNumber? Read(string text, int start, int length, ValueConventions conventions)
    {
        var (first, last) = (start, start + length);
        var negative = false;
        var currency = false;
        for (var changed = true; changed && first < last;)
        {
            changed = false;
            if (Cut(text, ref first, ref last) is { } cut) (currency, changed) = (currency | cut, true);
            else if (last - first > 2 && text[first] == '(' && text[last - 1] == ')') (negative, first, last, changed) = (true, first + 1, last - 1, true);
            else if (Signs.Contains(text[first])) (negative, first, changed) = (negative || text[first] != '+', first + 1, true);
            else if (text[last - 1] is '-' or '−' or '–') (negative, last, changed) = (negative || !IsEmptyCents(text, first, last), last - 1, true);
            else if (text[last - 1] is '.' or ',' or ':' or ';' or '*') (last, changed) = (last - 1, true);
        }

        if (first >= last || Parse(text[first..last], conventions) is not { } parsed) return null;
        var value = negative ? -parsed.Value : parsed.Value;
        return new(new TypedValue(value.ToString(CultureInfo.InvariantCulture), first, last - first, parsed.Certainty), parsed.Decimals, currency);
    }

    // "100,-" and "100,–" say that there are no cents.
    private static bool IsEmptyCents(string text, int first, int last) => last - first > 2 && text[last - 2] is ',' or '.';

    private static bool? Cut(string text, ref int first, ref int last)
    {
        if (char.GetUnicodeCategory(text[first]) == UnicodeCategory.CurrencySymbol)
        {
            first++;
            return true;
        }

        if (char.GetUnicodeCategory(text[last - 1]) == UnicodeCategory.CurrencySymbol)
        {
            last--;
            return true;
        }

        foreach (var name in Currencies)
        {
            if (last - first < name.Length) continue;
            if (text.AsSpan(first, name.Length).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                first += name.Length;
                return true;
            }

            if (text.AsSpan(last - name.Length, name.Length).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                last -= name.Length;
                return true;
            }
        }

        return null;
    }

    private static (decimal Value, int Decimals, double Certainty)? Parse(string text, ValueConventions conventions)
    {
        if (text.Count(char.IsAsciiDigit) is 0 or > MaxDigits || !char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[^1])) return null;
        if (conventions.Decimal is { } known && Split(text, known, conventions.Groups) is { } sure) return (sure.Value, sure.Decimals, 1);

        // Not as the locale writes it: the last separator is the decimal one where it can't be anything else.
        var separator = text.LastIndexOfAny(['.', ',']);
        if (separator < 0) return Split(text, '.', "'’ \u00A0\u202F") is { } grouped ? (grouped.Value, 0, 0.9) : null;
        var other = text[separator] == ',' ? '.' : ',';
        var decimals = text.Length - separator - 1;
        var repeated = text.IndexOf(text[separator], StringComparison.Ordinal) != separator;
        if (repeated) return Split(text, other, text[separator].ToString()) is { } whole ? (whole.Value, whole.Decimals, Sure(conventions, 0.9)) : null;
        var certain = decimals != 3 || text.Contains(other, StringComparison.Ordinal);
        if (certain) return Split(text, text[separator], $"{other}'’ \u00A0\u202F") is { } split ? (split.Value, split.Decimals, Sure(conventions, 0.95)) : null;
        return Split(text, other, text[separator].ToString()) is { } thousands ? (thousands.Value, 0, 0.6) : null;
    }

    private static double Sure(ValueConventions conventions, double certainty) => conventions.Decimal is null ? certainty : Math.Min(certainty, 0.6);

    /// <summary>The number where its groups are of three digits each and its decimals are digits alone.</summary>
    private static (decimal Value, int Decimals)? Split(string text, char separator, string groups)
    {
        var point = text.IndexOf(separator, StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var decimals = point < 0 ? "" : text[(point + 1)..];
        if (!decimals.All(char.IsAsciiDigit) || whole.Length == 0) return null;
        var parts = whole.Split([.. groups.Where(g => g != separator)]);
        if (parts.Length > 1 && (parts[0].Length is 0 or > 3 || parts.Skip(1).Any(p => p.Length != 3))) return null;
        var digits = string.Concat(parts);
        if (!digits.All(char.IsAsciiDigit)) return null;
        var number = decimals.Length == 0 ? digits : $"{digits}.{decimals}";
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? (value, decimals.Length) : null;
    }

    private static bool HasCurrencyBeside(string text, List<(int Start, int Length)> words, int i) =>
        (i > 0 && IsCurrency(text, words[i - 1])) || (i + 1 < words.Count && IsCurrency(text, words[i + 1]));

    private static bool IsCurrency(string text, (int Start, int Length) word)
    {
        var span = text.AsSpan(word.Start, word.Length);
        if (span.Length == 1) return char.GetUnicodeCategory(span[0]) == UnicodeCategory.CurrencySymbol;
        foreach (var name in Currencies)
        {
            if (span.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static bool IsPercentage(string text, List<(int Start, int Length)> words, int i) =>
        text[words[i].Start + words[i].Length - 1] == '%' || (i + 1 < words.Count && text[words[i + 1].Start] == '%');

    private static List<(int Start, int Length)> Words(string text, bool joinGroups)
    {
        var words = new List<(int Start, int Length)>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]) && text[i] is not ('\u00A0' or '\u202F'))
            {
                i++;
                continue;
            }

            var start = i;
            while (i < text.Length && (!char.IsWhiteSpace(text[i]) || text[i] is '\u00A0' or '\u202F' || (joinGroups && IsGroupAhead(text, start, i)))) i++;
            words.Add((start, i - start));
        }

        return words;
    }

    // "1 234,56": a space between digits, with exactly three digits after it.
    private static bool IsGroupAhead(string text, int start, int space) =>
        text[space] == ' ' && space > start && char.IsAsciiDigit(text[space - 1]) && space + 3 < text.Length
        && char.IsAsciiDigit(text[space + 1]) && char.IsAsciiDigit(text[space + 2]) && char.IsAsciiDigit(text[space + 3])
        && (space + 4 == text.Length || !char.IsAsciiDigit(text[space + 4]));
}
