using Dox.SharedKernel.Access;
using Dox.SharedKernel.Documents;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>Which template is the document an instance of? Recorded, and answered once for each document and request.</summary>
/// <param name="Document">An accepted document.</param>
/// <param name="MaxCandidates">How many candidates to tell of; 10 where not given.</param>
/// <param name="ConfidenceThreshold">From which confidence on a match is accepted without a person, 0 to 1; 0.85 where not given.</param>
[MessageName("template-matching.recognize-template.v1"), RuleFunction("score_against_templates"), RuleEndpoint("POST", "/api/recognize/template"),
 Requires(Role.Submitter)]
public sealed record RecognizeTemplate(DocumentRef Document, int? MaxCandidates = null, double? ConfidenceThreshold = null) : ICommand<RecognitionRecord>;

/// <summary>What is to become of a recognition.</summary>
public enum RecognitionDecision
{
    /// <summary>Sure enough to go on without a person.</summary>
    AutoAccepted,

    /// <summary>Likely: a person confirms or corrects.</summary>
    HumanReview,

    /// <summary>A person picks the template.</summary>
    ManualSelection,

    /// <summary>Two families fit about as well: a person picks.</summary>
    Ambiguous,

    /// <summary>No known template.</summary>
    Unknown,

    /// <summary>There is no text to go by.</summary>
    NeedsOcr,

    /// <summary>It doesn't open without a password.</summary>
    NeedsPassword,
}

/// <summary>How a template came to be the document's.</summary>
public enum ApprovalType
{
    /// <summary>By confidence alone.</summary>
    AutoAccepted,

    /// <summary>A person said so.</summary>
    HumanApproved,

    /// <summary>A person said no.</summary>
    Rejected,
}

/// <summary>A match.</summary>
/// <param name="TemplateId">The template's id, for example <c>de.example.invoice</c>.</param>
/// <param name="TemplateName">For people.</param>
/// <param name="ConfidenceScore">0 to 1.</param>
/// <param name="ApprovalType">How it came to be accepted; null while it isn't.</param>
public sealed record TemplateMatch(string TemplateId, string TemplateName, double ConfidenceScore, ApprovalType? ApprovalType = null);

/// <summary>A template that was weighed, and why it came out as it did.</summary>
/// <param name="TemplateId">The template's id.</param>
/// <param name="TemplateName">For people.</param>
/// <param name="Family">Versions of one form share it.</param>
/// <param name="Score">0 to 1.</param>
/// <param name="AnchorsFound">How many of its anchors stand where they should.</param>
/// <param name="AnchorsTotal">How many it has.</param>
/// <param name="Reason">In words: what was missing, what forbade it, why it lost.</param>
public sealed record TemplateCandidate(
    string TemplateId, string TemplateName, string Family, double Score, int AnchorsFound, int AnchorsTotal, string Reason);

/// <summary>The outcome of a recognition.</summary>
/// <param name="RecognitionProfileId">Its id.</param>
/// <param name="DocumentId">The document's.</param>
/// <param name="Decision">What is to become of it.</param>
/// <param name="Confidence">Of the best candidate, 0 to 1; 0 without one.</param>
/// <param name="TemplateMatched">The best match that is worth proposing; null where there is none.</param>
/// <param name="Candidates">Best first.</param>
/// <param name="Explanation">In words: why this decision.</param>
/// <param name="FieldMappings">Values by field name, once extracted.</param>
/// <param name="ProcessingTimeMs">In milliseconds.</param>
/// <param name="Evidence">The explanation as data; null where no template was similar at all, or there was no text to go by.</param>
public sealed record RecognitionRecord(
    Id<Recognition> RecognitionProfileId,
    Id<Document> DocumentId,
    RecognitionDecision Decision,
    double Confidence,
    TemplateMatch? TemplateMatched,
    IReadOnlyList<TemplateCandidate> Candidates,
    string Explanation,
    IReadOnlyDictionary<string, ExtractedField> FieldMappings,
    double ProcessingTimeMs,
    MatchEvidence? Evidence = null);
