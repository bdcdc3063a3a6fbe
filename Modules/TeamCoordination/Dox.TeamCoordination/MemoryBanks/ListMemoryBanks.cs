using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.MemoryBanks;

internal static class ListMemoryBanks
{
    [Requires(Role.Reviewer, Role.Operator, Role.Author)]
    internal sealed record Query : IQuery<Result>;

    internal sealed record Result(IReadOnlyList<Bank> MemoryBanks);

    /// <summary>A bank: <c>size</c> in bytes, <c>pending_updates</c> are known and not in the file yet.</summary>
    internal sealed record Bank(string File, long? Size, DateTimeOffset? ChangedAt, int PendingUpdates);

    internal sealed class Handler(TeamCoordinationDbContext db, BankFolder folder) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query request, CancellationToken cancellationToken)
        {
            var fresh = await db.BankUpdates.Where(u => u.Batch == null).GroupBy(u => u.File).Select(g => new { File = g.Key, Count = g.Count() })
                .ToDictionaryAsync(g => g.File, g => g.Count, StringComparer.Ordinal, cancellationToken);
            var gathered = await db.Banks.Where(b => b.Applied < b.LastBatch)
                .Select(b => new { b.File, Count = db.BankUpdates.Count(u => u.File == b.File && u.Batch > b.Applied) })
                .ToDictionaryAsync(g => g.File, g => g.Count, StringComparer.Ordinal, cancellationToken);
            var banks = folder.All().Union(fresh.Keys, StringComparer.Ordinal).Union(gathered.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal);
            return new([.. banks.Select(file =>
            {
                var place = folder.Locate(file) is { } path ? new FileInfo(path) : null;
                DateTimeOffset? changed = place is null ? null : new DateTimeOffset(place.LastWriteTimeUtc, TimeSpan.Zero);
                return new Bank(file, place?.Length, changed, fresh.GetValueOrDefault(file) + gathered.GetValueOrDefault(file));
            })]);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/memory-banks", (IMediator mediator, CancellationToken ct) => mediator.Send(new Query(), ct))
        .WithSummary("The memory banks that there are")
        .Produces<Result>();
}
