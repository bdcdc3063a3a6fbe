using System.Globalization;
using System.Text.RegularExpressions;
using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Extraction;

/// <summary>Reads dates as numbers or with the month's name, into ISO 8601.</summary>
internal static class DateValues
{
    private static readonly Dictionary<string, int> s_months = Months();

    private static readonly Regex Iso = Pattern("(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})");
    private static readonly Regex Numeric = Pattern("(?<first>[0-9]{1,2}) ?(?<separator>[./-]) ?(?<second>[0-9]{1,2}) ?[./-] ?(?<year>[0-9]{4}|[0-9]{2})");
    private static readonly Regex DayName = Pattern(@"(?<day>[0-9]{1,2})(\.|st|nd|rd|th|er)?[ .\-/]{0,2}(of |de )?(?<month>\p{L}{3,12})\.? ?,?[ \-/]{0,2}(de )?(?<year>[0-9]{4})");
    private static readonly Regex NameDay = Pattern(@"(?<month>\p{L}{3,12})\.? {1,2}(?<day>[0-9]{1,2})(st|nd|rd|th)? ?,? ?(?<year>[0-9]{4})");

    public static TypedValue? Find(string text, ValueConventions conventions) =>
        new[]
        {
            First(Iso, text, m => (Part(m, "year"), Part(m, "month"), Part(m, "day"), 1)),
            First(Numeric, text, m => DayMonth(Part(m, "first"), Part(m, "second"), Year(m.Groups["year"].Value), m.Groups["separator"].Value[0], conventions)),
            First(DayName, text, m => (Part(m, "year"), Month(m.Groups["month"].Value), Part(m, "day"), 1)),
            First(NameDay, text, m => (Part(m, "year"), Month(m.Groups["month"].Value), Part(m, "day"), 1)),
        }.OfType<TypedValue>().MinBy(v => v.Start);

    private static TypedValue? First(Regex pattern, string text, Func<Match, (int Year, int Month, int Day, double Certainty)> read)
    {
        for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
        {
            if (IsPartOfMore(text, match)) continue;
            var (year, month, day, certainty) = read(match);
            if (year is < 1900 or > 2199 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) continue;
            return new(new DateOnly(year, month, day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), match.Index, match.Length, certainty);
        }

        return null;
    }

    private static bool IsPartOfMore(string text, Match match)
    {
        var end = match.Index + match.Length;
        return (match.Index > 0 && char.IsLetterOrDigit(text[match.Index - 1]))
            || (end < text.Length && char.IsLetterOrDigit(text[end]) && text[end] != 'T'); // 2026-03-01T12:00
    }

    private static (int Year, int Month, int Day, double Certainty) DayMonth(int first, int second, int year, char separator, ValueConventions conventions)
    {
        if (separator == '.' || second > 12) return second > 12 ? (year, first, second, 0.9) : (year, second, first, 1);
        if (first > 12) return (year, second, first, 1);
        return conventions.MonthFirst switch
        {
            true => (year, first, second, 1),
            false => (year, second, first, 1),
            _ => (year, second, first, first == second ? 1 : 0.6),
        };
    }

    private static int Year(string text) => int.Parse(text, CultureInfo.InvariantCulture) is var year && text.Length == 2 ? year + (year < 70 ? 2000 : 1900) : year;

    private static int Part(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    /// <summary>The month that a name says in any language that is known; 0 for none.</summary>
    public static int Month(string name)
    {
        var token = TextFolding.Token(name);
        return s_months.TryGetValue(token, out var month) || (token.Length >= 3 && s_months.TryGetValue(token[..3], out month) && IsMonth(token)) ? month : 0;
    }

    private static bool IsMonth(string token) => s_months.Keys.Any(m => m.StartsWith(token, StringComparison.Ordinal)) || s_months.ContainsKey(token);

    private static Dictionary<string, int> Months()
    {
        // Folded as words are: without diacritics.
        string[] languages =
        [
            "january february march april may june july august september october november december",
            "januar februar marz april mai juni juli august september oktober november dezember",
            "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            "januari februari maart april mei juni juli augustus september oktober november december",
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        ];
        // Of these whole names alone: shortened, they would mean other months in the languages above.
        string[] whole =
        [
            "stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia",
            "styczen luty marzec kwiecien maj czerwiec lipiec sierpien wrzesien pazdziernik listopad grudzien",
            "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
            "januari februari mars april maj juni juli augusti september oktober november december",
            "januar februar marts april maj juni juli august september oktober november december",
            "leden unor brezen duben kveten cerven cervenec srpen zari rijen listopad prosinec",
            "ledna unora brezna dubna kvetna cervna cervence srpna zari rijna listopadu prosince",
        ];
        var months = new Dictionary<string, int>(StringComparer.Ordinal) { ["janner"] = 1, ["maerz"] = 3, ["sept"] = 9 };
        foreach (var names in languages.Select(l => l.Split(' ')))
        {
            for (var i = 0; i < 12; i++)
            {
                months.TryAdd(names[i], i + 1);
                months.TryAdd(names[i][..3], i + 1);
            }
        }

        foreach (var names in whole.Select(l => l.Split(' ')))
        {
            for (var i = 0; i < 12; i++) months.TryAdd(names[i], i + 1);
        }

        // "jui" is both juin and juillet, "mar" March in all of them, "mai" is whole.
        months.Remove("jui");
        return months;
    }

    private static Regex Pattern(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
}
