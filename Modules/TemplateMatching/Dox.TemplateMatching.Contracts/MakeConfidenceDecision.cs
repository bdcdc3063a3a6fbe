using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TemplateMatching.Contracts;

/// <summary>Over the high limit accepts, from the low limit on is review, under it is manual selection; what recognition said of ambiguity stands.</summary>
/// <param name="Recognition">What recognition answered.</param>
/// <param name="TemplateConfidenceHigh">0 to 1; 0.85 where not given.</param>
/// <param name="TemplateConfidenceLow">0 to 1; 0.50 where not given.</param>
[MessageName("template-matching.make-confidence-decision.v1"), RuleFunction("make_confidence_decision", IsPure = true), Requires(Role.Submitter)]
public sealed record MakeConfidenceDecision(RecognitionRecord Recognition, double? TemplateConfidenceHigh = null, double? TemplateConfidenceLow = null)
    : IQuery<ConfidenceDecision>;

/// <summary>The answer to <see cref="MakeConfidenceDecision"/>.</summary>
/// <param name="Decision">What is to become of it.</param>
/// <param name="Confidence">That it was made on, 0 to 1.</param>
/// <param name="Reason">In words, with the limits.</param>
public sealed record ConfidenceDecision(RecognitionDecision Decision, double Confidence, string Reason);
