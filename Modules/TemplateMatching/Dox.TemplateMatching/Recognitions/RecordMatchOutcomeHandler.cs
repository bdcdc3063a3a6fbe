using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Teaching;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class RecordMatchOutcomeHandler(TemplateMatchingDbContext db, Teacher teacher, CallContext call) : IRequestHandler<RecordMatchOutcome, MatchOutcomeRecorded>
{
    private const int Attempts = 5;

    public async Task<MatchOutcomeRecorded> Handle(RecordMatchOutcome request, CancellationToken cancellationToken)
    {
        var outcome = OutcomeOf(request);
        var learned = request.DecidedBy is { } decidedBy ? await LearnAsync(request, decidedBy, cancellationToken) : [];
        TemplateMatchingTelemetry.Settled(outcome);
        return new MatchOutcomeRecorded(outcome, request.TemplateId, learned.Count > 0, learned);
    }

    private async Task<IReadOnlyList<LearnedFrom>> LearnAsync(RecordMatchOutcome request, string decidedBy, CancellationToken cancellationToken)
    {
        var id = request.Recognition.RecognitionProfileId;
        // One that another installation made isn't here
        if (await db.Recognitions.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken) is not { } recognition) return [];
        var words = await teacher.ReadAsync(recognition.Document, cancellationToken);
        var lessons = Declarations.LessonsOf(Declarations.ProposedBy(recognition.Read()), request.TemplateId);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var write = await db.BeginWriteAsync(cancellationToken);
                await db.Recognitions.Where(r => r.Id == id && r.DecidedBy == null).ExecuteUpdateAsync(r => r.SetProperty(x => x.DecidedBy, decidedBy), cancellationToken);
                if (words is not null)
                    await teacher.TeachAsync(recognition.Document, words, lessons, call.Caller with { User = decidedBy }, $"{decidedBy} decided {recognition.DocumentId}", cancellationToken);
                await write.CommitAsync(cancellationToken);
                break;
            }
            catch (DoxException e) when (e.Code == "template_changed" && attempt < Attempts)
            {
                // The review's own declaration came in at the same time: what it taught needn't be taught again
            }
        }

        return await db.Lessons.AsNoTracking().Where(l => l.DocumentId == recognition.DocumentId && l.UndoneRevision == null)
            .OrderBy(l => l.TemplateId).Select(l => new LearnedFrom(l.TemplateId, l.IsExample, l.Revision)).ToListAsync(cancellationToken);
    }

    private static MatchSettlement OutcomeOf(RecordMatchOutcome request)
    {
        var proposed = request.Recognition.TemplateMatched?.TemplateId;
        if (request.DecidedBy is null) return request.Recognition.Decision == RecognitionDecision.AutoAccepted && request.TemplateId is not null ? MatchSettlement.AutoAccepted : MatchSettlement.Unsettled;
        if (request.TemplateId is null) return MatchSettlement.Rejected;
        return request.TemplateId == proposed ? MatchSettlement.Confirmed : MatchSettlement.Corrected;
    }
}
