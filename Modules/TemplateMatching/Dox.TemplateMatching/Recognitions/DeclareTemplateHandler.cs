using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Templates;
using MediatR;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class DeclareTemplateHandler(TemplateMatchingDbContext db, TemplateCatalog catalog) : IRequestHandler<DeclareTemplate, Unit>
{
    public async Task<Unit> Handle(DeclareTemplate request, CancellationToken cancellationToken)
    {
        // A document that a person judged before it was ever matched has nothing here to record it with; who decided keeps the decision.
        if (await db.Recognitions.LatestOfAsync(request.DocumentId, cancellationToken) is not { } recognition) return Unit.Value;
        var record = recognition.Read();
        recognition.DecidedBy = request.DecidedBy;
        recognition.Write(record with { TemplateMatched = Declared(request, record) });
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }

    // What a person says stands, also of a template that was withdrawn meanwhile. The score stays the machine's: 0 for one that it didn't weigh.
    private TemplateMatch? Declared(DeclareTemplate request, RecognitionRecord record)
    {
        if (request.TemplateId is null) return record.TemplateMatched is { } proposed ? proposed with { ApprovalType = ApprovalType.Rejected } : null;
        var score = record.Candidates.FirstOrDefault(c => c.TemplateId == request.TemplateId)?.Score ?? 0;
        var name = catalog.Current.Find(request.TemplateId)?.Name ?? request.TemplateId;
        return new(request.TemplateId, name, score, ApprovalType.HumanApproved);
    }
}
