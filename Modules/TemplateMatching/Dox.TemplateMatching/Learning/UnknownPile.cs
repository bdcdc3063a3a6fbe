using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Learning;

/// <summary>Documents that nobody knows and that are alike, with the template that they propose.</summary>
/// <param name="Members">Their places in the pile, in order.</param>
/// <param name="Learned">What they have in common.</param>
/// <param name="Draft">The template; a person names it.</param>
internal sealed record ProposedTemplate(IReadOnlyList<int> Members, LearnedLayout Learned, TemplateDefinition Draft);

/// <summary>Finds layouts among documents that no template fits.</summary>
internal static class UnknownPile
{
    /// <summary>Documents that are looked at, of a larger pile the first.</summary>
    public const int MaxDocuments = 1_000;

    private const int MinAlike = 3;
    private const double Alike = 0.35;
    private const int MinAnchorsAlike = 6;
    private const int MaxLearned = 5;
    private const int MaxNeighbours = 20;

    /// <summary>Three alike propose a template; the largest first.</summary>
    public static IReadOnlyList<ProposedTemplate> Cluster(IReadOnlyList<DocumentWords> pile, TokenRarity rarity)
    {
        var count = Math.Min(pile.Count, MaxDocuments);
        var drafts = Enumerable.Range(0, count).Select(i => TemplateDrafter.Of(LearnedLayout.Of(pile[i]), new($"{i:0000}", $"{i}", $"{i}"), rarity)).ToList();
        var index = new AnchorIndex([.. drafts.OfType<TemplateDefinition>()]);
        var alike = Enumerable.Range(0, count).Select(_ => new HashSet<int>()).ToList();
        for (var i = 0; i < count; i++)
        {
            foreach (var draft in index.Candidates(pile[i], MaxNeighbours + 1))
            {
                var other = int.Parse(draft.Id, System.Globalization.CultureInfo.InvariantCulture);
                if (other != i && Alignment.Of(draft, pile[i]) is { Score: >= Alike, Found: >= MinAnchorsAlike }) alike[other].Add(i);
            }
        }

        // Alike is what each finds in the other: a sparse page is found in many that have nothing in common with each other.
        var taken = new HashSet<int>();
        var clusters = new List<ProposedTemplate>();
        foreach (var seed in Enumerable.Range(0, count).OrderByDescending(i => alike[i].Count(j => alike[j].Contains(i))).ThenBy(i => i))
        {
            if (taken.Contains(seed)) continue;
            List<int> members = [seed, .. alike[seed].Where(j => alike[j].Contains(seed) && !taken.Contains(j)).Order()];
            if (members.Count < MinAlike) continue;
            var learned = LearnedLayout.Of(members.Take(MaxLearned).Select(m => pile[m]));
            if (TemplateDrafter.Of(learned, new($"proposed-{seed}", $"Proposed from {members.Count} alike", $"proposed-{seed}"), rarity) is not { } draft) continue;
            taken.UnionWith(members);
            clusters.Add(new([.. members.Order()], learned, draft));
        }

        return [.. clusters.OrderByDescending(c => c.Members.Count).ThenBy(c => c.Members[0])];
    }
}
