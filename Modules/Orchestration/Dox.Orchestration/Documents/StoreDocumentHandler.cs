using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Content;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

internal sealed class StoreDocumentHandler(OrchestrationDbContext db, IContentStore content, TimeProvider clock) : IRequestHandler<StoreDocument, StoredDocument>
{
    public async Task<StoredDocument> Handle(StoreDocument command, CancellationToken cancellationToken)
    {
        var document = await db.Documents.SingleOrDefaultAsync(d => d.Id == command.Document.Id, cancellationToken)
            ?? throw DoxException.NotFound("document", command.Document.Id.ToString());
        document.DemandNotDeleted();
        // The row's hash, not the message's: what is made readable is what was validated.
        await content.AcceptAsync(document.Ref, cancellationToken);
        document.MarkStored(clock.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Deleted while its bytes were moved: nobody else takes them away again
            db.ChangeTracker.Clear();
            db.Enqueue(new RemoveContent(document.Sha256));
            await db.SaveChangesAsync(cancellationToken);
            throw DoxException.NotFound("document", command.Document.Id.ToString());
        }

        return new(document.Id, content.LocationOf(document.Sha256), document.Stored!.Value);
    }
}
