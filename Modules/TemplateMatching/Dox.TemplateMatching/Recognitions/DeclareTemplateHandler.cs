using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TemplateMatching.Contracts;
using Dox.TemplateMatching.Data;
using Dox.TemplateMatching.Teaching;
using MediatR;

namespace Dox.TemplateMatching.Recognitions;

internal sealed class DeclareTemplateHandler(TemplateMatchingDbContext db, Declarations declarations, CallContext call) : IRequestHandler<DeclareTemplate, Unit>
{
    public async Task<Unit> Handle(DeclareTemplate request, CancellationToken cancellationToken)
    {
        // A document that a person judged before it was ever matched has nothing here to record it with; who decided keeps the decision.
        if (await db.Recognitions.LatestOfAsync(request.DocumentId, cancellationToken) is not { } recognition) return Unit.Value;
        var template = request.TemplateId ?? (request.IsApproval ? Declarations.ProposedBy(recognition.Read()) : null);
        await declarations.RecordAsync(recognition, template, call.Caller with { User = request.DecidedBy }, request.IsApproval, cancellationToken);
        return Unit.Value;
    }
}
