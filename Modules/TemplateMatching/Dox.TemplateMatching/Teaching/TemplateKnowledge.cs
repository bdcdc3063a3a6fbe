using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.TemplateMatching.Learning;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Teaching;

/// <summary>
/// All that a template knows: the definition that an author gave it, and what documents look like that are instances of it, and that aren't. The
/// definition in force is made of these alone, so that taking a lesson back leaves what would be without it.
/// </summary>
/// <param name="Ground">The author's definition, as YAML.</param>
/// <param name="Examples">Instances.</param>
/// <param name="Counterexamples">What was taken for an instance, and isn't.</param>
internal sealed record TemplateKnowledge(string Ground, LearnedLayout Examples, LearnedLayout Counterexamples)
{
    // How many documents an author's own anchors count for
    private const double Belief = 5;
    private const double Near = 0.05;
    private const int MaxOccurrences = 4;

    /// <summary>Nothing but what the author wrote.</summary>
    public bool IsUntaught => Examples.Samples == 0 && Counterexamples.Samples == 0;

    public static TemplateKnowledge Of(string ground) => new(ground, new LearnedLayout(), new LearnedLayout());

    public static TemplateKnowledge FromJson(string json)
    {
        var root = JsonNode.Parse(json) ?? throw new JsonException("There is no knowledge.");
        return new((string?)root["ground"] ?? throw new JsonException("There is no ground."), LayoutOf(root["examples"]), LayoutOf(root["counterexamples"]));
    }

    public string ToJson() => new JsonObject
    {
        ["ground"] = Ground,
        ["examples"] = JsonNode.Parse(Examples.ToJson()),
        ["counterexamples"] = JsonNode.Parse(Counterexamples.ToJson()),
    }.ToJsonString();

    /// <summary>The definition that it comes to.</summary>
    public TemplateDefinition Define(TemplateDefinition ground, TokenRarity rarity)
    {
        var draft = Examples.Samples == 0 ? null : TemplateDrafter.Of(Examples, new DraftHead(ground.Id, ground.Name, ground.Family, ground.Version), rarity);
        var isLearned = ground.Samples > 0;
        var anchors = isLearned ? draft?.Match.Anchors ?? ground.Match.Anchors : Blend(ground.Match.Anchors, draft?.Match.Anchors ?? []);
        var belief = isLearned ? Examples.Samples : Belief + Examples.Samples;
        return ground with
        {
            Samples = isLearned ? Examples.Samples : 0,
            Match = ground.Match with
            {
                Anchors = Counterexamples.Samples == 0 ? anchors : [.. anchors.Select(a => a with { Weight = Rounded(a.Weight * (belief + 1) / (belief + 1 + SeenIn(Counterexamples, a))) })],
                Form = isLearned && draft is not null ? draft.Match.Form : ground.Match.Form,
                Pages = isLearned && draft is not null ? draft.Match.Pages : ground.Match.Pages,
            },
        };
    }

    /// <summary>The definition as it would be had that document taught nothing; null where there would be no template without it.</summary>
    /// <param name="words">What the document looks like.</param>
    /// <param name="isExample">Whether it is an instance, or was taken for one and isn't.</param>
    /// <param name="ground">The author's definition.</param>
    /// <param name="rarity">Of the other families' words.</param>
    /// <exception cref="InvalidOperationException">It taught nothing.</exception>
    public TemplateDefinition? Without(DocumentWords words, bool isExample, TemplateDefinition ground, TokenRarity rarity)
    {
        var others = FromJson(ToJson());
        (isExample ? others.Examples : others.Counterexamples).Remove(words);
        // The anchors that stand in a learned definition are from the samples: with none left, or too few alike, they'd be the document's own
        var isGone = ground.Samples > 0 && isExample
            && TemplateDrafter.Of(others.Examples, new DraftHead(ground.Id, ground.Name, ground.Family, ground.Version), rarity) is null;
        return isGone ? null : others.Define(ground, rarity);
    }

    // What an author wrote stays, and weighs less where documents lack it. What several documents have besides comes in, and weighs more with each.
    private IReadOnlyList<Anchor> Blend(IReadOnlyList<Anchor> own, IReadOnlyList<Anchor> drafted)
    {
        var samples = Examples.Samples;
        if (samples == 0) return own;
        var known = own.SelectMany(a => a.Text.Tokens.Select(t => (a.Page, t))).ToHashSet();
        var kept = own.Select(a => a with { Weight = Rounded(a.Weight * (Belief + SeenIn(Examples, a)) / (Belief + samples)) });
        var added = samples < 2
            ? []
            : drafted.Where(a => !a.Text.Tokens.Any(t => known.Contains((a.Page, t)))).Select(a => a with { Weight = Rounded(a.Weight * samples / (Belief + samples)), Title = false });
        return [.. kept, .. added];
    }

    private static int SeenIn(LearnedLayout layout, Anchor anchor)
    {
        var seen = 0;
        for (var i = 1; i <= MaxOccurrences; i++)
        {
            if (!layout.Tokens.TryGetValue($"{anchor.Page}/{anchor.Text.Tokens[0]}/{i}", out var token)) break;
            if (IsNear(anchor.X, token.Places.Across(token.Samples).Mean) && IsNear(anchor.Y, token.Places.Down(token.Samples).Mean)) seen = Math.Max(seen, token.Samples);
        }

        return seen;
    }

    private static bool IsNear(double? wanted, double place) => wanted is null || Math.Abs(wanted.Value - place) <= Near;

    private static double Rounded(double weight) => Math.Round(Math.Clamp(weight, 0.01, 100), 3);

    private static LearnedLayout LayoutOf(JsonNode? node) => LearnedLayout.FromJson((node ?? throw new JsonException("A layout is missing.")).ToJsonString());
}
