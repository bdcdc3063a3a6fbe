using System.Diagnostics;
using Dox.DocumentReading;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Matching;
using Dox.TemplateMatching.Templates;
using Dox.TemplateMatching.Unknown;
using FluentValidation;
using MediatR;
using Microsoft.Extensions.Options;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class RecognizeTemplateHandler(
    TemplateMatchingDbContext db, DocumentTexts texts, TemplateCatalog catalog, UnknownDocuments unknown, IOptions<TemplateMatchingOptions> options, CallContext call,
    TimeProvider clock)
    : IRequestHandler<RecognizeTemplate, RecognitionRecord>
{
    private const int DefaultCandidates = 10;

    public async Task<RecognitionRecord> Handle(RecognizeTemplate request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var activity = TemplateMatchingTelemetry.Source.StartActivity("recognize template");
        activity?.SetTag("document.id", request.Document.Id.ToString());
        var text = await texts.ReadAsync(request.Document, cancellationToken);
        var templates = await catalog.FreshAsync(cancellationToken);
        var words = text is { Outcome: ReadingOutcome.Ok, HasText: true } ? DocumentWords.Of(text) : null;
        var outcome = Outcome(text, words, templates, request.ConfidenceThreshold);
        var record = new RecognitionRecord(
            Id<Recognition>.New(clock), request.Document.Id, outcome.Decision, outcome.Confidence, Matched(outcome),
            [.. outcome.Candidates.Take(request.MaxCandidates ?? DefaultCandidates)], outcome.Explanation,
            new Dictionary<string, ExtractedField>(StringComparer.Ordinal), Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1),
            words is null ? null : Evidence.Of(outcome, words, templates, Limits(request.ConfidenceThreshold)));
        activity?.SetTag("decision", TemplateMatchingTelemetry.NameOf(record.Decision));
        activity?.SetTag("confidence", record.Confidence);

        // Whoever asks again, the document stays its first owner's.
        var earlier = await db.Recognitions.LatestOfAsync(request.Document.Id, cancellationToken);
        var account = earlier?.Account ?? call.Caller.Account;
        var addition = words is not null && record.Decision == RecognitionDecision.Unknown ? await unknown.CompareAsync(request.Document, account, words, cancellationToken) : null;
        await using (var write = await db.BeginWriteAsync(cancellationToken))
        {
            db.Recognitions.Add(StoredRecognition.Of(record, request.Document, account, clock.GetUtcNow()));
            if (addition is not null) await unknown.KeepAsync(addition, cancellationToken);
            else if (earlier is not null) await unknown.ForgetAsync(request.Document.Id, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            await write.CommitAsync(cancellationToken);
        }

        TemplateMatchingTelemetry.Matched(record.Decision, record.Confidence);
        return record;
    }

    private MatchOutcome Outcome(DocumentText text, DocumentWords? words, TemplateSet templates, double? threshold)
    {
        switch (text.Outcome)
        {
            case ReadingOutcome.Ok when words is not null:
                using (TemplateMatchingTelemetry.Source.StartActivity("match"))
                    return Matcher.Match(words, templates, Limits(threshold), options.Value.MaxScored);
            case ReadingOutcome.Ok:
                return Unmatched(RecognitionDecision.NeedsOcr, $"The document is a picture: it has no text to go by. {(text.Findings is [.., var why] ? why.Message : "")}".TrimEnd());
            case ReadingOutcome.Encrypted:
                return Unmatched(RecognitionDecision.NeedsPassword, $"The document opens with a password alone. {text.Message}");
            default:
                return Unmatched(RecognitionDecision.ManualSelection, $"Its text couldn't be read ({text.Code}): {text.Message}");
        }
    }

    private Thresholds Limits(double? threshold) => threshold is { } given
        ? options.Value.Thresholds with { AcceptOver = given, ReviewFrom = Math.Min(given, options.Value.ReviewFrom) }
        : options.Value.Thresholds;

    private static MatchOutcome Unmatched(RecognitionDecision decision, string explanation) => new(decision, 0, null, [], explanation);

    private static TemplateMatch? Matched(MatchOutcome outcome) => outcome.Best is { } best
        ? new(best.Template.Id, best.Template.Name, best.Score, outcome.Decision == RecognitionDecision.AutoAccepted ? ApprovalType.AutoAccepted : null)
        : null;

    internal sealed class Validator : AbstractValidator<RecognizeTemplate>
    {
        public Validator()
        {
            RuleFor(r => r.MaxCandidates).InclusiveBetween(1, 100).WithErrorCode("max_candidates").WithMessage("max_candidates must be 1 to 100.");
            RuleFor(r => r.ConfidenceThreshold).InclusiveBetween(0, 1).WithErrorCode("confidence_threshold").WithMessage("confidence_threshold must be 0 to 1.");
        }
    }
}
