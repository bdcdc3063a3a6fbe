using System.Text.Json;
using System.Text.Json.Serialization;
using Dox.TemplateMatching.Matching;

namespace Dox.TemplateMatching.Learning;

/// <summary>
/// What samples of one layout have in common, as counts and sums of whole numbers: so adding a sample and taking it away again leaves what was there
/// before, bit by bit, in whatever order.
/// </summary>
internal sealed class LearnedLayout
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
        MaxDepth = 16,
    };

    /// <summary>How many samples it was learned from.</summary>
    public int Samples { get; set; }

    /// <summary>Samples by their number of pages.</summary>
    public SortedDictionary<int, int> Pages { get; init; } = [];

    /// <summary>By <see cref="SampleToken.Key"/>.</summary>
    public SortedDictionary<string, LearnedToken> Tokens { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Form fields by name.</summary>
    public SortedDictionary<string, LearnedFormField> Form { get; init; } = new(StringComparer.Ordinal);

    public static LearnedLayout Of(params IEnumerable<DocumentWords> samples)
    {
        var learned = new LearnedLayout();
        foreach (var sample in samples) learned.Add(sample);
        return learned;
    }

    public void Add(DocumentWords sample) => Count(sample, 1);

    /// <exception cref="InvalidOperationException">It isn't among the samples: nothing was changed.</exception>
    public void Remove(DocumentWords sample)
    {
        var tokens = SampleToken.Of(sample);
        var isKnown = Samples > 0 && Pages.ContainsKey(sample.Text.PageCount)
            && tokens.All(t => Tokens.TryGetValue(t.Key, out var known) && known.Written.ContainsKey(t.Written))
            && SampleToken.FieldsOf(sample).All(f => Form.ContainsKey(f.Name));
        if (!isKnown) throw new InvalidOperationException("The document isn't among the samples that the template was learned from.");
        Count(sample, -1);
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">It isn't what <see cref="ToJson"/> wrote.</exception>
    public static LearnedLayout FromJson(string json) => JsonSerializer.Deserialize<LearnedLayout>(json, Json) ?? throw new JsonException("There is no learned layout.");

    private void Count(DocumentWords sample, int sign)
    {
        Samples += sign;
        Tally.Add(Pages, sample.Text.PageCount, sign);
        foreach (var token in SampleToken.Of(sample))
        {
            if (!Tokens.TryGetValue(token.Key, out var learned)) Tokens[token.Key] = learned = new LearnedToken { Page = token.Page };
            learned.Count(token, sign);
            if (learned.Samples == 0) Tokens.Remove(token.Key);
        }

        foreach (var field in SampleToken.FieldsOf(sample))
        {
            if (!Form.TryGetValue(field.Name, out var learned)) Form[field.Name] = learned = new LearnedFormField();
            learned.Count(field, sign);
            if (learned.Samples == 0) Form.Remove(field.Name);
        }
    }
}

/// <summary>Counts by key, where what is counted to nothing is gone.</summary>
internal static class Tally
{
    public static void Add<TKey>(SortedDictionary<TKey, int> counts, TKey key, int by)
        where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0) counts.Remove(key);
        else counts[key] = count;
    }

    /// <summary>The key that was counted most, of several the first.</summary>
    public static TKey? Most<TKey>(SortedDictionary<TKey, int> counts)
        where TKey : notnull => counts.Count == 0 ? default : counts.MaxBy(c => c.Value).Key;
}
