using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Dox.SharedKernel.Infrastructure.Observability;
using Dox.TemplateMatching.Contracts;

namespace Dox.TemplateMatching;

internal static class TemplateMatchingTelemetry
{
    private const string Module = "TemplateMatching";

    private static readonly Counter<long> Matches = DoxTelemetry.Meter(Module).CreateCounter<long>(
        "template_match", null, "Documents that were matched against the templates, by decision");

    private static readonly Histogram<double> Confidence = DoxTelemetry.Meter(Module).CreateHistogram(
        "template_match_confidence", null, "Confidence of the best candidate",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.99] });

    private static readonly Counter<long> Outcomes = DoxTelemetry.Meter(Module).CreateCounter<long>(
        "template_match_outcome", null, "Matches whose outcome was recorded, by how it compares with what became of the document");

    public static ActivitySource Source => DoxTelemetry.Source(Module);

    /// <summary>Makes every decision's count visible before the first document.</summary>
    public static void ExportZeros()
    {
        foreach (var decision in Enum.GetValues<RecognitionDecision>()) Matches.Add(0, Tag(decision));
        foreach (var outcome in Enum.GetValues<MatchSettlement>()) Outcomes.Add(0, Tag(outcome));
    }

    public static void Settled(MatchSettlement outcome) => Outcomes.Add(1, Tag(outcome));

    public static void Matched(RecognitionDecision decision, double confidence)
    {
        Matches.Add(1, Tag(decision));
        Confidence.Record(confidence);
    }

    public static string NameOf(RecognitionDecision decision) => JsonNamingPolicy.SnakeCaseLower.ConvertName(decision.ToString());

    private static KeyValuePair<string, object?> Tag(MatchSettlement outcome) => new("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString()));

    private static KeyValuePair<string, object?> Tag(RecognitionDecision decision) => new("decision", NameOf(decision));
}
