using Dox.SharedKernel.Errors;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Recognitions;

namespace Dox.TemplateMatching.Tests.Recognitions;

[TestFixture]
public sealed class ConfidenceDecisionTests
{
    private static readonly TemplateMatchingOptions Options = new();

    [TestCase(0.8501, RecognitionDecision.AutoAccepted)]
    [TestCase(0.85, RecognitionDecision.HumanReview)]
    [TestCase(0.50, RecognitionDecision.HumanReview)]
    [TestCase(0.4999, RecognitionDecision.ManualSelection)]
    [TestCase(0, RecognitionDecision.ManualSelection)]
    public void Over_the_high_limit_accepts_from_the_low_on_is_review(double confidence, RecognitionDecision expected) =>
        Assert.That(ConfidenceDecisions.Of(confidence, null, null, Options).Decision, Is.EqualTo(expected));

    [TestCase(0.6, 0.55, 0.2, RecognitionDecision.AutoAccepted)]
    [TestCase(0.3, 0.4, null, RecognitionDecision.ManualSelection)]
    [TestCase(0.93, null, 0.95, RecognitionDecision.ManualSelection)]
    public void A_rule_may_set_limits_of_its_own(double confidence, double? high, double? low, RecognitionDecision expected) =>
        Assert.That(ConfidenceDecisions.Of(confidence, high, low, Options).Decision, Is.EqualTo(expected));

    [Test]
    public void Limits_the_wrong_way_round_are_refused() =>
        Assert.That(() => ConfidenceDecisions.Of(0.5, 0.4, 0.6, Options), Throws.TypeOf<DoxException>().With.Property("Code").EqualTo("confidence_limits"));

    [Test]
    public void Ambiguity_stands_whatever_the_confidence([Values(RecognitionDecision.Ambiguous, RecognitionDecision.Unknown, RecognitionDecision.NeedsOcr)] RecognitionDecision decision)
    {
        var record = new RecognitionRecord(
            default, default, decision, 0.99, new TemplateMatch("t", "T", 0.99), [], "Why.", new Dictionary<string, ExtractedField>(StringComparer.Ordinal), 1);

        var decided = new MakeConfidenceDecisionHandler(Microsoft.Extensions.Options.Options.Create(Options)).Handle(new(record), CancellationToken.None);

        Assert.That(async () => await decided, Is.EqualTo(new ConfidenceDecision(decision, 0.99, "Why.")));
    }
}
