using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Blockers;

internal static class GetBlocker
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Query(Id<Blocker> BlockerId) : IQuery<BlockerView>;

    internal sealed class Handler(TeamCoordinationDbContext db, TimeProvider clock) : IRequestHandler<Query, BlockerView>
    {
        public async Task<BlockerView> Handle(Query request, CancellationToken cancellationToken) =>
            await db.Blockers.AsNoTracking().SingleOrDefaultAsync(b => b.Id == request.BlockerId, cancellationToken) is { } blocker
                ? BlockerView.Of(blocker, clock.GetUtcNow())
                : throw DoxException.NotFound("blocker", request.BlockerId.ToString());
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/blockers/{id}", (Id<Blocker> id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id), ct))
        .WithSummary("A blocker")
        .Produces<BlockerView>().ProducesProblem(StatusCodes.Status404NotFound);
}
