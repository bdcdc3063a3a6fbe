using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Reviews;

internal static class GetReview
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Query(Id<Review> ReviewId) : IQuery<ReviewView>;

    internal sealed class Handler(TeamCoordinationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Query, ReviewView>
    {
        public async Task<ReviewView> Handle(Query request, CancellationToken cancellationToken) =>
            ReviewView.OfWhole(await db.Reviews.OfCallerAsync(request.ReviewId, call.Caller, cancellationToken), clock.GetUtcNow());
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapGet("/reviews/{id}", (Id<Review> id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id), ct))
        .WithSummary("A review with its evidence and, where there is one, its decision")
        .Produces<ReviewView>();
}
