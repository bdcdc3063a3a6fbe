using System.Globalization;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads dates by formats such as <c>%d %B %Y</c>: <c>%d %m %Y %y</c>, <c>%B</c> and <c>%b</c> for the month's name, <c>%H %M %S</c>, all else as it stands.</summary>
internal static class DateFormats
{
    /// <summary>The date in ISO 8601 by the first format that the whole text has; null where it has none.</summary>
    public static string? Read(string text, IReadOnlyList<string> formats)
    {
        foreach (var format in formats)
        {
            if (Read(text, format) is { } date) return date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        return null;
    }

    private static DateOnly? Read(string text, string format)
    {
        var (at, year, month, day) = (0, 0, 0, 0);
        for (var i = 0; i < format.Length; i++)
        {
            if (char.IsWhiteSpace(format[i]))
            {
                while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
                continue;
            }

            if (format[i] != '%' || i + 1 == format.Length)
            {
                if (at >= text.Length || text[at] != format[i]) return null;
                at++;
                continue;
            }

            var directive = format[++i];
            var value = directive is 'B' or 'b' ? DateValues.Month(Letters(text, ref at)) : Digits(text, ref at, directive == 'Y' ? 4 : 2);
            if (value is null) return null;
            switch (directive)
            {
                case 'd': day = value.Value; break;
                case 'm' or 'B' or 'b': month = value.Value; break;
                case 'Y': year = value.Value; break;
                case 'y': year = value.Value + (value.Value < 70 ? 2000 : 1900); break;
                case 'H' or 'M' or 'S': break;
                default: return null;
            }
        }

        return at == text.Length && year is >= 1900 and <= 2199 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            ? new DateOnly(year, month, day)
            : null;
    }

    private static int? Digits(string text, ref int at, int most)
    {
        var start = at;
        while (at < text.Length && at - start < most && char.IsAsciiDigit(text[at])) at++;
        return at > start ? int.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture) : null;
    }

    private static string Letters(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsLetter(text[at])) at++;
        return text[start..at];
    }
}
