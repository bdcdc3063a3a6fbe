using System.Globalization;
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
        var high = request.TemplateConfidenceHigh ?? options.Value.AcceptOver;
        var low = request.TemplateConfidenceLow ?? Math.Min(options.Value.ReviewFrom, high);
        return Task.FromResult(Decide(request.Recognition, high, low));
    }

    internal static ConfidenceDecision Decide(RecognitionRecord recognition, double high, double low)
    {
        if (recognition.Decision is not (RecognitionDecision.AutoAccepted or RecognitionDecision.HumanReview or RecognitionDecision.ManualSelection)
            || recognition.TemplateMatched is null)
            return new(recognition.Decision, recognition.Confidence, recognition.Explanation);
        var decision = Matcher.ByConfidence(recognition.Confidence, high, low);
        var reason = decision switch
        {
            RecognitionDecision.AutoAccepted => string.Create(CultureInfo.InvariantCulture, $"{recognition.Confidence:0.00} is over {high:0.00}: accepted without a person."),
            RecognitionDecision.HumanReview => string.Create(CultureInfo.InvariantCulture, $"{recognition.Confidence:0.00} lies from {low:0.00} to {high:0.00}: a person confirms."),
            _ => string.Create(CultureInfo.InvariantCulture, $"{recognition.Confidence:0.00} is under {low:0.00}: a person picks the template."),
        };
        return new(decision, recognition.Confidence, reason);
    }

    internal sealed class Validator : AbstractValidator<MakeConfidenceDecision>
    {
        public Validator()
        {
            RuleFor(r => r.TemplateConfidenceHigh).InclusiveBetween(0, 1).WithErrorCode("confidence_limit").WithMessage("template_confidence_high must be 0 to 1.");
            RuleFor(r => r.TemplateConfidenceLow).InclusiveBetween(0, 1).WithErrorCode("confidence_limit").WithMessage("template_confidence_low must be 0 to 1.");
            RuleFor(r => r.TemplateConfidenceLow)
                .Must((r, low) => low is null || low <= (r.TemplateConfidenceHigh ?? 1)).WithErrorCode("confidence_limit")
                .WithMessage("template_confidence_low is over template_confidence_high.");
        }
    }
}
