using Dox.Validation.Contracts;
using Dox.Validation.Data;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Validation.Ledger;

/// <summary>Notes that content is gone. Where somebody sends the same bytes at this moment, the next look at it finds them, and takes it back.</summary>
internal sealed class ForgetContentHandler(ValidationDbContext db) : IRequestHandler<ForgetContent, Unit>
{
    public async Task<Unit> Handle(ForgetContent command, CancellationToken cancellationToken)
    {
        await using var write = await db.BeginWriteAsync(cancellationToken);
        await db.Contents.Where(c => c.Sha256 == command.Sha256 && c.State <= ContentState.Accepted)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.State, ContentState.Deleted), cancellationToken);
        await write.CommitAsync(cancellationToken);
        return Unit.Value;
    }
}
