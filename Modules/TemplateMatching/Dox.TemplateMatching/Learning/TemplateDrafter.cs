using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Learning;

/// <summary>What a drafted template is called.</summary>
internal sealed record DraftHead(string Id, string Name, string Family, int Version = 1);

/// <summary>Makes a definition of what was learned.</summary>
internal static class TemplateDrafter
{
    /// <summary>With fewer, documents of any kind would match.</summary>
    public const int MinAnchors = 3;

    private const int MaxAnchors = 160;
    private const double SamePlace = 0.02;
    private const int TitlePercent = 135;
    private const int MaxTitle = 3;

    /// <summary>The definition; null where the samples share fewer than <see cref="MinAnchors"/> words at the same places.</summary>
    public static TemplateDefinition? Of(LearnedLayout learned, DraftHead head, TokenRarity rarity)
    {
        if (learned.Samples == 0) return null;
        var anchors = Anchors(learned, rarity);
        if (anchors.Count < MinAnchors) return null;
        return new()
        {
            Id = head.Id,
            Name = head.Name,
            Family = head.Family,
            Version = head.Version,
            Locale = Locale(learned),
            Samples = learned.Samples,
            Match = new() { Require = [], Forbid = [], Anchors = anchors, Form = Form(learned), Pages = Pages(learned) },
            Fields = FieldProposals.Of(learned),
            Source = "learned",
        };
    }

    /// <summary>On two thirds of the samples; on all, of up to two.</summary>
    public static bool IsStable(int count, int samples) => samples <= 2 ? count == samples : 3 * count >= 2 * samples;

    private static List<Anchor> Anchors(LearnedLayout learned, TokenRarity rarity)
    {
        var titles = Titles(learned);
        var anchors = new List<Anchor>();
        foreach (var (key, token) in learned.Tokens)
        {
            if (!IsStable(token.Samples, learned.Samples)) continue;
            var (x, across) = token.Places.Across(token.Samples);
            var (y, down) = token.Places.Down(token.Samples);
            if (across > SamePlace && down > SamePlace) continue;
            var isFixed = across <= SamePlace && down <= SamePlace;
            var weight = rarity.WeightOf(TokenOf(key)) * token.Samples / learned.Samples * (isFixed ? 1 : 0.5) * Prominence(token);
            anchors.Add(new(
                Phrase.Of(Tally.Most(token.Written)!), token.Page, across <= SamePlace ? Round(x) : null, down <= SamePlace ? Round(y) : null,
                Math.Round(Math.Clamp(weight, 0.01, 100), 2), titles.Contains(key)));
        }

        return
        [
            .. anchors.Where(a => a.Text.Tokens.Length > 0)
                .OrderByDescending(a => a.Title).ThenByDescending(a => a.Weight).ThenBy(a => a.Text.Text, StringComparer.Ordinal).ThenBy(a => a.Page).ThenBy(a => a.Y).ThenBy(a => a.X)
                .Take(MaxAnchors)
                .OrderBy(a => a.Page).ThenBy(a => a.Y ?? 2).ThenBy(a => a.X ?? 2).ThenBy(a => a.Text.Text, StringComparer.Ordinal),
        ];
    }

    // The largest print on the first page that every sample has names the kind of document: an invoice isn't a credit note, however alike they look.
    private static HashSet<string> Titles(LearnedLayout learned) =>
    [
        .. learned.Tokens.Where(t => t.Value.Page == 1 && t.Value.Samples == learned.Samples && t.Value.Heights >= (long)TitlePercent * t.Value.Samples)
            .OrderByDescending(t => t.Value.Heights).ThenBy(t => t.Key, StringComparer.Ordinal)
            .Take(MaxTitle).Select(t => t.Key),
    ];

    // Large print is meant to be seen.
    private static double Prominence(LearnedToken token) => Math.Clamp(token.Heights / 100.0 / token.Samples, 0.8, 2);

    private static List<FormAnchor> Form(LearnedLayout learned) =>
    [
        .. learned.Form.Where(f => IsStable(f.Value.Samples, learned.Samples)).Select(f =>
        {
            var hasPlace = f.Value.Placed == f.Value.Samples && f.Value.Pages.Count == 1;
            var (x, across) = hasPlace ? f.Value.Places.Across(f.Value.Placed) : default;
            var (y, down) = hasPlace ? f.Value.Places.Down(f.Value.Placed) : default;
            hasPlace &= across <= SamePlace && down <= SamePlace;
            return new FormAnchor(f.Key, Tally.Most(f.Value.Types), hasPlace ? f.Value.Pages.First().Key : null, hasPlace ? Round(x) : null, hasPlace ? Round(y) : null);
        }),
    ];

    // How many pages an instance may have isn't told by a few: three times as many as seen, and two for what a table may grow.
    private static PageRange Pages(LearnedLayout learned) => new(1, 3 * learned.Pages.Last().Key + 2);

    private static string? Locale(LearnedLayout learned)
    {
        var locales = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (locale, count) in learned.Tokens.Values.SelectMany(t => t.Right.Locales.Concat(t.Below.Locales))) Tally.Add(locales, locale, count);
        return Tally.Most(locales);
    }

    private static string TokenOf(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..key.LastIndexOf('/')];

    private static double Round(double place) => Math.Round(Math.Clamp(place, 0, 1), 4);
}
