namespace Dox.TemplateMatching.Contracts;

/// <summary>A recognition's explanation as data: what speaks for the likeliest template, what against it, who came next, and what would make it match.</summary>
/// <param name="TemplateId">The likeliest template's, also where it is too unlikely to be proposed.</param>
/// <param name="Score">Its score, 0 to 1, whatever excludes it.</param>
/// <param name="AnchorsFound">How many of its anchors stand where they should.</param>
/// <param name="AnchorsTotal">How many it has.</param>
/// <param name="PageOffset">By how much the page is moved against the template's: across and down, as fractions of the page.</param>
/// <param name="PageScale">How much larger the page is than the template's: across and down; 1 for not at all.</param>
/// <param name="Anchors">Those that weigh most: at most 20 that are missing, then at most 20 that were found.</param>
/// <param name="RunnerUp">The best template of another family; null where there is none.</param>
/// <param name="Needs">What would make it match; null where it matches.</param>
public sealed record MatchEvidence(
    string TemplateId, double Score, int AnchorsFound, int AnchorsTotal, IReadOnlyList<double> PageOffset, IReadOnlyList<double> PageScale,
    IReadOnlyList<AnchorEvidence> Anchors, RunnerUp? RunnerUp, MatchNeeds? Needs);

/// <summary>How an anchor fared.</summary>
/// <param name="Text">Its words.</param>
/// <param name="Page">Where it should stand.</param>
/// <param name="Weight">What it counts for.</param>
/// <param name="Found">Whether it stands where it should.</param>
/// <param name="Agreement">How well its place agrees, 0 to 1; 0 for one whose words are nowhere on the page.</param>
/// <param name="Offset">How far its words stand from where the template has them, across and down, as fractions of the page; null where they are nowhere on it.</param>
public sealed record AnchorEvidence(string Text, int Page, double Weight, bool Found, double Agreement, IReadOnlyList<double>? Offset = null);

/// <summary>Who came next.</summary>
/// <param name="TemplateId">The template's id.</param>
/// <param name="TemplateName">For people.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="Behind">By how much it is behind; negative where something else than the score decided.</param>
/// <param name="Reason">In words: why it lost.</param>
public sealed record RunnerUp(string TemplateId, string TemplateName, double Score, double Behind, string Reason);

/// <summary>What would make a template match without a person.</summary>
/// <param name="Obstacles">In words what excludes it, or stands beside it, whatever its score.</param>
/// <param name="ScoreMissing">What its score lacks to be accepted; 0 where it isn't the score.</param>
/// <param name="Anchors">The fewest of the missing anchors that would bring it over, the heaviest first; empty where they all together wouldn't.</param>
public sealed record MatchNeeds(IReadOnlyList<string> Obstacles, double ScoreMissing, IReadOnlyList<string> Anchors);
