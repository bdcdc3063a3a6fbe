using Dox.Orchestration.Contracts;
using Dox.Orchestration.Data;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Keys;

internal sealed class IdentifyKeyHandler(OrchestrationDbContext db, TimeProvider clock) : IRequestHandler<IdentifyKey, KeyIdentity>
{
    public async Task<KeyIdentity> Handle(IdentifyKey query, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var keys = await db.ApiKeys.AsNoTracking().Where(k => k.Hash == query.Hash || k.PreviousHash == query.Hash).ToListAsync(cancellationToken);
        return new(keys.Select(k => k.HolderAt(query.Hash, now)).FirstOrDefault(holder => holder is not null));
    }
}
