using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Keys;

internal sealed class FindKeyHolderHandler(OrchestrationDbContext db, TimeProvider clock) : IRequestHandler<FindKeyHolder, KeyIdentity>
{
    public async Task<KeyIdentity> Handle(FindKeyHolder query, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var key = await db.ApiKeys.AsNoTracking().Where(k => k.Name == query.Name && k.Revoked == null && k.Expires > now).OrderByDescending(k => k.Id).FirstOrDefaultAsync(cancellationToken);
        return new(key?.HolderAt(key.Hash, now));
    }
}
