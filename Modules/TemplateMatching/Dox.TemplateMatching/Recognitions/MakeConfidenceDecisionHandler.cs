using System.Globalization;
using Dox.SharedKernel.Errors;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Matching;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class MakeConfidenceDecisionHandler(IOptions<TemplateMatchingOptions> options) : IRequestHandler<MakeConfidenceDecision, ConfidenceDecision>
{
    public Task<ConfidenceDecision> Handle(MakeConfidenceDecision request, CancellationToken cancellationToken)
    {
        var recognition = request.Recognition;
        return Task.FromResult(
            recognition.Decision is RecognitionDecision.AutoAccepted or RecognitionDecision.HumanReview or RecognitionDecision.ManualSelection
                && recognition.TemplateMatched is not null
                ? ConfidenceDecisions.Of(recognition.Confidence, request.TemplateConfidenceHigh, request.TemplateConfidenceLow, options.Value)
                : new ConfidenceDecision(recognition.Decision, recognition.Confidence, recognition.Explanation));
    }

    internal sealed class Validator : AbstractValidator<MakeConfidenceDecision>
    {
        public Validator()
        {
            RuleFor(r => r.TemplateConfidenceHigh).IsConfidence();
            RuleFor(r => r.TemplateConfidenceLow).IsConfidence();
        }
    }
}

internal sealed class EvaluateConfidenceScoreHandler(IOptions<TemplateMatchingOptions> options) : IRequestHandler<EvaluateConfidenceScore, ConfidenceDecision>
{
    public Task<ConfidenceDecision> Handle(EvaluateConfidenceScore request, CancellationToken cancellationToken) =>
        Task.FromResult(ConfidenceDecisions.Of(request.Confidence, request.TemplateConfidenceHigh, request.TemplateConfidenceLow, options.Value));

    internal sealed class Validator : AbstractValidator<EvaluateConfidenceScore>
    {
        public Validator()
        {
            RuleFor(r => (double?)r.Confidence).IsConfidence().OverridePropertyName(nameof(EvaluateConfidenceScore.Confidence));
            RuleFor(r => r.TemplateConfidenceHigh).IsConfidence();
            RuleFor(r => r.TemplateConfidenceLow).IsConfidence();
        }
    }
}

/// <summary>Confidence against limits, in words.</summary>
internal static class ConfidenceDecisions
{
    public static ConfidenceDecision Of(double confidence, double? givenHigh, double? givenLow, TemplateMatchingOptions options)
    {
        var high = givenHigh ?? Math.Max(options.AcceptOver, givenLow ?? 0);
        var low = givenLow ?? Math.Min(options.ReviewFrom, high);
        if (low > high) throw DoxException.Invalid("confidence_limits", string.Create(CultureInfo.InvariantCulture, $"template_confidence_low ({low}) is over template_confidence_high ({high})."));
        var decision = Matcher.ByConfidence(confidence, high, low);
        return new(decision, confidence, decision switch
        {
            RecognitionDecision.AutoAccepted => string.Create(CultureInfo.InvariantCulture, $"{confidence:0.00} is over {high:0.00}: accepted without a person."),
            RecognitionDecision.HumanReview => string.Create(CultureInfo.InvariantCulture, $"{confidence:0.00} lies from {low:0.00} to {high:0.00}: a person confirms."),
            _ => string.Create(CultureInfo.InvariantCulture, $"{confidence:0.00} is under {low:0.00}: a person picks the template."),
        });
    }

    public static IRuleBuilderOptions<T, double?> IsConfidence<T>(this IRuleBuilder<T, double?> rule) =>
        rule.InclusiveBetween(0, 1).WithErrorCode("confidence").WithMessage("{PropertyName} must be 0 to 1.");
}
