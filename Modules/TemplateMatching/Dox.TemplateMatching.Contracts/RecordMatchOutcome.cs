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
/// Records what became of a match, for the metrics of the matcher's quality. Nothing learns from it by itself: a template is a definition that a
/// person writes, and the answer says so.
/// </summary>
/// <param name="Recognition">What recognition answered.</param>
/// <param name="TemplateId">The template that the document went on with; null where there is none.</param>
/// <param name="DecidedBy">The person; null where nobody was asked.</param>
[MessageName("template-matching.record-match-outcome.v1"), RuleFunction("update_ml_models_and_metrics"), Requires(Role.Submitter)]
public sealed record RecordMatchOutcome(RecognitionRecord Recognition, string? TemplateId = null, string? DecidedBy = null) : ICommand<MatchOutcomeRecorded>;

/// <summary>The answer to <see cref="RecordMatchOutcome"/>.</summary>
/// <param name="Outcome">What was counted.</param>
/// <param name="TemplateId">The template that it was counted for.</param>
/// <param name="ModelUpdated">Whether anything was learned; false in this version.</param>
public sealed record MatchOutcomeRecorded(MatchSettlement Outcome, string? TemplateId, bool ModelUpdated);
