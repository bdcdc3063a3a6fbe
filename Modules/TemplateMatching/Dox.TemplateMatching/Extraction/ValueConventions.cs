namespace Dox.TemplateMatching.Extraction;

/// <summary>How numbers and dates are written. A table of our own, since the process runs without cultures.</summary>
/// <param name="Decimal">The decimal separator; null: told from the number itself.</param>
/// <param name="Groups">The separators of thousands.</param>
/// <param name="MonthFirst">Whether a date with slashes starts with its month; null: told from the date itself.</param>
internal sealed record ValueConventions(char? Decimal, string Groups, bool? MonthFirst)
{
    /// <summary>How dates are written, likeliest first, for example <c>%d/%m/%Y</c>; others are read too.</summary>
    public IReadOnlyList<string> DateFormats { get; init; } = [];

    /// <summary>Of dates, as the definition names them, for example <c>de</c>.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    private static readonly ValueConventions PointDayFirst = new('.', ",", false);
    private static readonly ValueConventions CommaPoint = new(',', ".", false);
    private static readonly ValueConventions CommaSpace = new(',', " \u00A0\u202F.", false);

    private static readonly Dictionary<string, ValueConventions> s_byLocale = new(StringComparer.OrdinalIgnoreCase)
    {
        ["de"] = CommaPoint,
        ["de-DE"] = CommaPoint,
        ["de-AT"] = CommaPoint with { Groups = ".\u00A0 " },
        ["de-CH"] = new('.', "'’", false),
        ["nl"] = CommaPoint,
        ["nl-NL"] = CommaPoint,
        ["nl-BE"] = CommaPoint,
        ["it"] = CommaPoint,
        ["it-IT"] = CommaPoint,
        ["es"] = CommaPoint,
        ["es-ES"] = CommaPoint,
        ["pt"] = CommaPoint,
        ["pt-PT"] = CommaPoint,
        ["da"] = CommaPoint,
        ["da-DK"] = CommaPoint,
        ["fr"] = CommaSpace,
        ["fr-FR"] = CommaSpace,
        ["fr-BE"] = CommaSpace,
        ["fr-CH"] = new('.', "'’\u00A0\u202F ", false),
        ["pl"] = CommaSpace,
        ["pl-PL"] = CommaSpace,
        ["cs"] = CommaSpace,
        ["cs-CZ"] = CommaSpace,
        ["sv"] = CommaSpace,
        ["sv-SE"] = CommaSpace,
        ["en"] = PointDayFirst with { MonthFirst = null },
        ["en-GB"] = PointDayFirst,
        ["en-IE"] = PointDayFirst,
        ["en-AU"] = PointDayFirst,
        ["en-US"] = PointDayFirst with { MonthFirst = true },
        ["en-CA"] = PointDayFirst with { MonthFirst = null },
    };

    /// <summary>Nothing is known: read what only can be meant, and be unsure of the rest.</summary>
    public static ValueConventions Unknown { get; } = new(null, "", null);

    public static string Names => string.Join(", ", s_byLocale.Keys.Order(StringComparer.Ordinal));

    public static bool Knows(string locale) => s_byLocale.ContainsKey(locale);

    public static ValueConventions Of(string? locale) => locale is not null && s_byLocale.TryGetValue(locale, out var known) ? known : Unknown;
}
