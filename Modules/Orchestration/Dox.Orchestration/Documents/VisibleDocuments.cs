using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Documents;

/// <summary>The documents that a caller may know of.</summary>
internal static class VisibleDocuments
{
    public static IQueryable<DocumentRecord> VisibleTo(this IQueryable<DocumentRecord> documents, Caller caller)
    {
        if (caller.Holds(Role.Operator, Role.Reviewer)) return documents;
        var account = caller.Account;
        return documents.Where(d => d.Account == account || d.AssociatedAccount == account);
    }

    /// <exception cref="DoxException">404, also for what another account owns: that it exists is nobody's business.</exception>
    public static async Task<DocumentRecord> FindVisibleAsync(this OrchestrationDbContext db, Id<Document> id, Caller caller, CancellationToken cancellationToken) =>
        await db.Documents.AsNoTracking().VisibleTo(caller).SingleOrDefaultAsync(d => d.Id == id, cancellationToken)
        ?? throw DoxException.NotFound("document", id.ToString());
}
