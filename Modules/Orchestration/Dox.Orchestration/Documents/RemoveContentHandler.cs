using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Infrastructure.Content;
using Dox.Validation.Contracts;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

internal sealed class RemoveContentHandler(OrchestrationDbContext db, IContentStore content) : IRequestHandler<RemoveContent, Unit>
{
    public async Task<Unit> Handle(RemoveContent command, CancellationToken cancellationToken)
    {
        var isGone = await content.RemoveUnlessAsync(
            command.Sha256, token => db.Documents.AnyAsync(d => d.Sha256 == command.Sha256 && d.Deleted == null, token), cancellationToken);
        if (!isGone) return Unit.Value;
        db.Enqueue(new ForgetContent(command.Sha256));
        await db.SaveChangesAsync(cancellationToken);
        return Unit.Value;
    }
}
