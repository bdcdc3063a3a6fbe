using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>What a bare confidence means: over the high limit accepts, from the low limit on is review, under it is manual selection.</summary>
/// <param name="Confidence">0 to 1.</param>
/// <param name="TemplateConfidenceHigh">0 to 1; 0.85 where not given.</param>
/// <param name="TemplateConfidenceLow">0 to 1; 0.50 where not given.</param>
[MessageName("template-matching.evaluate-confidence-score.v1"), RuleFunction("evaluate_confidence_score", IsPure = true), Requires(Role.Submitter)]
public sealed record EvaluateConfidenceScore(double Confidence, double? TemplateConfidenceHigh = null, double? TemplateConfidenceLow = null)
    : IQuery<ConfidenceDecision>;
