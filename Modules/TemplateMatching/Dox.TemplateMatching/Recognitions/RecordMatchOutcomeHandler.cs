using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class RecordMatchOutcomeHandler(TemplateMatchingDbContext db) : IRequestHandler<RecordMatchOutcome, MatchOutcomeRecorded>
{
    public async Task<MatchOutcomeRecorded> Handle(RecordMatchOutcome request, CancellationToken cancellationToken)
    {
        var outcome = OutcomeOf(request);
        // Who decided is kept with the recognition; one that another installation made isn't here
        if (request.DecidedBy is not null && await db.Recognitions.SingleOrDefaultAsync(r => r.Id == request.Recognition.RecognitionProfileId, cancellationToken) is { DecidedBy: null } stored)
        {
            stored.DecidedBy = request.DecidedBy;
            await db.SaveChangesAsync(cancellationToken);
        }

        TemplateMatchingTelemetry.Settled(outcome);
        return new MatchOutcomeRecorded(outcome, request.TemplateId, ModelUpdated: false);
    }

    private static MatchSettlement OutcomeOf(RecordMatchOutcome request)
    {
        var proposed = request.Recognition.TemplateMatched?.TemplateId;
        if (request.DecidedBy is null) return request.Recognition.Decision == RecognitionDecision.AutoAccepted && request.TemplateId is not null ? MatchSettlement.AutoAccepted : MatchSettlement.Unsettled;
        if (request.TemplateId is null) return MatchSettlement.Rejected;
        return request.TemplateId == proposed ? MatchSettlement.Confirmed : MatchSettlement.Corrected;
    }
}
