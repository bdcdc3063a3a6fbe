using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Extraction;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;

namespace Dox.TemplateMatching.Learning;

/// <summary>A document of which a person said what it is.</summary>
/// <param name="Name">What it is called in the report.</param>
/// <param name="TemplateId">What it is an instance of; null for a document that no template is meant for.</param>
/// <param name="Words">Its words.</param>
/// <param name="Values">Confirmed values by field; empty where nobody confirmed any.</param>
internal sealed record StoredSample(string Name, string? TemplateId, DocumentWords Words, IReadOnlyDictionary<string, string> Values);

/// <summary>A sample, recognised by a library that never saw it.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Expected">What it should be; null where its template can't be known without it.</param>
/// <param name="Found">What it was taken for; null for unknown.</param>
/// <param name="Outcome">What matching came to.</param>
/// <param name="WrongFields">Confirmed values that were read as something else or not at all.</param>
internal sealed record SampleTrial(StoredSample Sample, string? Expected, string? Found, MatchOutcome Outcome, IReadOnlyList<string> WrongFields)
{
    public bool IsRight => Expected == Found;

    public bool IsFalseAccept => Outcome.Decision == RecognitionDecision.AutoAccepted && !IsRight;
}

/// <summary>How a library fares on its samples.</summary>
internal sealed record LibraryReport(IReadOnlyList<SampleTrial> Trials)
{
    public double Right => Trials.Count == 0 ? 1 : (double)Trials.Count(t => t.IsRight) / Trials.Count;

    /// <summary>How often what was one thing was taken for another; unknown is null.</summary>
    public IReadOnlyList<(string? Expected, string? Found, int Count)> Confusions =>
    [
        .. Trials.GroupBy(t => (t.Expected, t.Found)).Select(g => (g.Key.Expected, g.Key.Found, Count: g.Count()))
            .OrderBy(c => c.Expected == c.Found).ThenByDescending(c => c.Count)
            .ThenBy(c => c.Expected, StringComparer.Ordinal).ThenBy(c => c.Found, StringComparer.Ordinal),
    ];

    /// <summary>Samples that come out otherwise than before: another template, another decision, or other fields.</summary>
    public IReadOnlyList<(SampleTrial Before, SampleTrial After)> Flips(LibraryReport before)
    {
        var earlier = before.Trials.ToDictionary(t => t.Sample.Name, StringComparer.Ordinal);
        return
        [
            .. Trials.Where(t => earlier.TryGetValue(t.Sample.Name, out var was)
                    && (was.Found != t.Found || was.Outcome.Decision != t.Outcome.Decision || !was.WrongFields.SequenceEqual(t.WrongFields, StringComparer.Ordinal)))
                .Select(t => (earlier[t.Sample.Name], t)),
        ];
    }

    /// <summary>Fitted to these trials, so that a confidence says how often it is right in this library.</summary>
    public Calibration Calibrate(Calibration prior) => Calibration.Fit(
        [.. Trials.Where(t => t.Outcome.Features is not null).Select(t => (t.Outcome.Features!, t.Outcome.Likeliest == t.Expected))], prior);
}

/// <summary>
/// The whole library against its samples, one left out at a time: what was learned from a sample is forgotten before the sample is asked, so learning and
/// testing never share a document. A template that has a single sample can't know it: there unknown is right.
/// </summary>
internal static class LibraryTest
{
    /// <param name="templates">The library.</param>
    /// <param name="learned">What its learned templates know, by id; those that aren't here stand as they are written.</param>
    /// <param name="samples">Documents of which a person said what they are; names are unique.</param>
    /// <param name="limits">Of the decision.</param>
    /// <param name="maxScored">Templates that are scored for a document.</param>
    public static LibraryReport Run(
        TemplateSet templates, IReadOnlyDictionary<string, LearnedLayout> learned, IReadOnlyList<StoredSample> samples, Thresholds limits, int maxScored)
    {
        var rarity = TokenRarity.Of(templates.Templates);
        return new([.. samples.Select(s => Ask(s, Without(s, templates, learned, rarity), limits, maxScored))]);
    }

    /// <summary>What a library that never saw the sample makes of it.</summary>
    public static SampleTrial Ask(StoredSample sample, TemplateSet templates, Thresholds limits, int maxScored)
    {
        var outcome = Matcher.Match(sample.Words, templates, limits, maxScored);
        var expected = sample.TemplateId is { } id && templates.Find(id) is not null ? id : null;
        return new(sample, expected, outcome.Best?.Template.Id, outcome, expected is null || sample.Values.Count == 0 ? [] : WrongFields(sample, templates.Find(expected)!));
    }

    private static List<string> WrongFields(StoredSample sample, TemplateDefinition template)
    {
        var read = FieldExtractor.Extract(template, sample.Words).Fields;
        return [.. sample.Values.Where(v => !read.TryGetValue(v.Key, out var field) || field.Value != v.Value).Select(v => v.Key).Order(StringComparer.Ordinal)];
    }

    private static TemplateSet Without(StoredSample sample, TemplateSet templates, IReadOnlyDictionary<string, LearnedLayout> learned, TokenRarity rarity)
    {
        if (sample.TemplateId is not { } id || !learned.TryGetValue(id, out var known) || templates.Find(id) is not { } template) return templates;
        var others = LearnedLayout.FromJson(known.ToJson());
        others.Remove(sample.Words);
        var redrafted = TemplateDrafter.Of(others, new(id, template.Name, template.Family, template.Version), rarity);
        return new(
            [.. templates.Templates.Where(t => t.Id != id), .. redrafted is null ? [] : new[] { Renewed(template, redrafted) }], [], templates.Calibration);
    }

    // A person's fields, requirements and routes stay; what is learned is learned anew.
    private static TemplateDefinition Renewed(TemplateDefinition template, TemplateDefinition redrafted) => template with
    {
        Samples = redrafted.Samples,
        Match = redrafted.Match with { Require = template.Match.Require, Forbid = template.Match.Forbid },
    };
}
