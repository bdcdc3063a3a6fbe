using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>The documents that a caller may know of.</summary>
internal static class VisibleDocuments
{
    /// <summary>In lists: the own account's, or everybody's.</summary>
    public static IQueryable<DocumentRecord> VisibleTo(this IQueryable<DocumentRecord> documents, Caller caller)
    {
        documents = documents.Where(d => d.Deleted == null);
        if (caller.SeesAllAccounts) return documents;
        var account = caller.Account;
        return documents.Where(d => d.Account == account);
    }

    /// <exception cref="DoxException">404, also for what another account owns: that it exists is nobody's business; 410: it was deleted.</exception>
    public static async Task<DocumentRecord> FindVisibleAsync(this OrchestrationDbContext db, Id<Document> id, Caller caller, CancellationToken cancellationToken)
    {
        var document = await db.FindVisibleOrDeletedAsync(id, caller, cancellationToken);
        document.DemandNotDeleted();
        return document;
    }

    /// <summary>The same, and what is left of a deleted one.</summary>
    /// <exception cref="DoxException">404 as above.</exception>
    public static async Task<DocumentRecord> FindVisibleOrDeletedAsync(this OrchestrationDbContext db, Id<Document> id, Caller caller, CancellationToken cancellationToken)
    {
        var document = await db.Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Id == id, cancellationToken);
        if (document is not null)
        {
            if (caller.Sees(document.Account)) return document;
            if (await db.FindRunAsync(document.WorkflowId, cancellationToken) is { } run && run.Asks(caller)) return document;
        }

        throw DoxException.NotFound("document", id.ToString());
    }

    /// <exception cref="DoxException">410: it was deleted.</exception>
    public static void DemandNotDeleted(this DocumentRecord document)
    {
        if (document.Deleted is { } at)
            throw new DoxException(410, "document_deleted", $"The document {document.Id} was deleted on {at:u}. Where it is needed all the same, send it again.");
    }

    /// <summary>The document, where its content can be read.</summary>
    /// <exception cref="DoxException">404 and 410 as above; 409: a virus was found in it, or it isn't stored yet.</exception>
    public static async Task<DocumentRecord> FindReadableAsync(this OrchestrationDbContext db, Id<Document> id, Caller caller, CancellationToken cancellationToken)
    {
        var document = await db.FindVisibleAsync(id, caller, cancellationToken);
        if (document.IsWithdrawn)
        {
            throw DoxException.Conflict(
                "document_quarantined", "A virus was found in this document after it came in: nobody can read it. Ask an administrator, who can look into the quarantine.");
        }

        return document.Stored is null
            ? throw DoxException.Conflict("document_not_stored", "The document was accepted and isn't in the store yet. Ask again in a moment.")
            : document;
    }
}
