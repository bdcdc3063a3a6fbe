using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.TeamCoordination.Reviews;

/// <summary>Takes a review for as long as the lease holds; again by the same person, it starts anew.</summary>
internal static class ClaimReview
{
    [Requires(Role.Reviewer)]
    internal sealed record Command(Id<Review> ReviewId) : ICommand<ReviewView>;

    internal sealed class Handler(TeamCoordinationDbContext db, CallContext call, IOptions<ReviewOptions> options, TimeProvider clock)
        : IRequestHandler<Command, ReviewView>
    {
        public async Task<ReviewView> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var review = await db.Reviews.OfOwnTeamAsync(request.ReviewId, call.Caller, cancellationToken);
            review.Claim(call.Caller.User, now, options.Value.ClaimLease);
            await db.SaveChangesAsync(cancellationToken);
            return ReviewView.OfWhole(review, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapPost("/reviews/{id}/claim", (Id<Review> id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
        .WithSummary("Take a review, so that nobody else works on it; the claim runs out by itself")
        .Produces<ReviewView>().ProducesProblem(StatusCodes.Status409Conflict);
}
