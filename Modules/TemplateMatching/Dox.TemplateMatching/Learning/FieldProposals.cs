using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Learning;

/// <summary>
/// Proposes fields: what differs between samples beside or under a label. With one sample nothing is known to differ; values with digits are taken for it.
/// </summary>
internal static class FieldProposals
{
    private const int MaxFields = 60;
    private const int MaxLabel = 4;
    private const int MaxName = 40;

    public static IReadOnlyList<FieldDefinition> Of(LearnedLayout learned)
    {
        var found = new List<(string Key, FieldPlace Where, LearnedSlot Slot)>();
        foreach (var (key, token) in learned.Tokens)
        {
            if (!TemplateDrafter.IsStable(token.Samples, learned.Samples)) continue;
            if (IsField(token.Right, learned)) found.Add((key, FieldPlace.Right, token.Right));
            else if (!TemplateDrafter.IsStable(token.Right.Samples, learned.Samples) && IsField(token.Below, learned)) found.Add((key, FieldPlace.Below, token.Below));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        return
        [
            .. found
                .OrderBy(f => learned.Tokens[f.Key].Page).ThenBy(f => learned.Tokens[f.Key].Places.Down(learned.Tokens[f.Key].Samples).Mean)
                .ThenBy(f => learned.Tokens[f.Key].Places.Across(learned.Tokens[f.Key].Samples).Mean)
                .Select(f => (f.Where, f.Slot, Label: Label(f.Key, learned)))
                .DistinctBy(f => (f.Label, f.Where))
                .Take(MaxFields)
                .Select(f => Field(f.Where, f.Slot, f.Label, names)),
        ];
    }

    private static bool IsField(LearnedSlot slot, LearnedLayout learned)
    {
        if (slot.Samples == 0 || !TemplateDrafter.IsStable(slot.Samples, learned.Samples)) return false;
        return learned.Samples == 1 ? Tally.Most(slot.Types) != FieldTypes.NameOf(FieldType.Text) : slot.Values.Count > 1;
    }

    // The words before a label's last one that are always there: "Invoice number", not "number".
    private static Phrase Label(string key, LearnedLayout learned)
    {
        var words = new List<string>();
        for (var at = key; at is not null && words.Count < MaxLabel; at = Tally.Most(learned.Tokens[at].Before))
        {
            if (!learned.Tokens.TryGetValue(at, out var token) || !TemplateDrafter.IsStable(token.Samples, learned.Samples)) break;
            words.Insert(0, Tally.Most(token.Written)!);
            if (token.Before.Sum(b => b.Value) < token.Samples) break;
            if (!learned.Tokens.ContainsKey(Tally.Most(token.Before)!)) break;
        }

        return Phrase.Of(string.Join(' ', words));
    }

    private static FieldDefinition Field(FieldPlace where, LearnedSlot slot, Phrase label, HashSet<string> names)
    {
        var name = Name(label);
        var unique = name;
        for (var i = 2; !names.Add(unique); i++) unique = $"{name}_{i}";
        return new()
        {
            Name = unique,
            Where = where,
            Near = [label],
            Until = [],
            Type = FieldTypes.ByName[Tally.Most(slot.Types)!],
        };
    }

    private static string Name(Phrase label)
    {
        var name = string.Join('_', label.Tokens.Select(t => string.Concat(t.Where(char.IsAsciiLetterLower))).Where(t => t.Length > 0));
        if (name.Length > MaxName) name = name[..MaxName].TrimEnd('_');
        return name.Length == 0 ? "field" : name;
    }
}
