using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>How a match compares with what became of the document.</summary>
public enum MatchSettlement
{
    /// <summary>Accepted by confidence alone; nobody looked.</summary>
    AutoAccepted,

    /// <summary>A person said the same as the machine.</summary>
    Confirmed,

    /// <summary>A person said something else.</summary>
    Corrected,

    /// <summary>A person filed it under no template.</summary>
    Rejected,

    /// <summary>Nobody and nothing settled it.</summary>
    Unsettled,
}

/// <summary>
/// Records what became of a match, for the metrics of the matcher's quality, and has the templates learn from it where a person decided: the right one
/// has an example more, a wrong one a counterexample. Recording it twice is recording it once.
/// </summary>
/// <param name="Recognition">What recognition answered.</param>
/// <param name="TemplateId">The template that the document went on with; null where there is none.</param>
/// <param name="DecidedBy">The person; null where nobody was asked.</param>
[MessageName("template-matching.record-match-outcome.v1"), RuleFunction("update_ml_models_and_metrics"), Requires(Role.Submitter)]
public sealed record RecordMatchOutcome(RecognitionRecord Recognition, string? TemplateId = null, string? DecidedBy = null) : ICommand<MatchOutcomeRecorded>;

/// <summary>The answer to <see cref="RecordMatchOutcome"/>.</summary>
/// <param name="Outcome">What was counted.</param>
/// <param name="TemplateId">The template that it was counted for.</param>
/// <param name="ModelUpdated">Whether a template knows the document now, as an example or a counterexample.</param>
/// <param name="Learned">What was learned, template by template.</param>
public sealed record MatchOutcomeRecorded(MatchSettlement Outcome, string? TemplateId, bool ModelUpdated, IReadOnlyList<LearnedFrom>? Learned = null);

/// <summary>What a document taught a template.</summary>
/// <param name="TemplateId">The template.</param>
/// <param name="IsExample">Whether the document is an instance of it; false: it was taken for one.</param>
/// <param name="Revision">The template's version that came of it.</param>
public sealed record LearnedFrom(string TemplateId, bool IsExample, int Revision);
