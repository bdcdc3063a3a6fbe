using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Reviews;

/// <summary>Gives a claimed review back to its team: by who holds it, or by an operator.</summary>
internal static class ReleaseReview
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Command(Id<Review> ReviewId) : ICommand<ReviewView>;

    internal sealed class Handler(TeamCoordinationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, ReviewView>
    {
        public async Task<ReviewView> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var review = await db.Reviews.OfCallerAsync(request.ReviewId, call.Caller, cancellationToken);
            if (review.StateAt(now) == ReviewState.Claimed && review.ClaimedBy != call.Caller.User && !call.Caller.Holds(Role.Operator))
                throw DoxException.Forbidden($"{review.ClaimedBy} holds the review until {review.ClaimedUntil:u}; they or an operator can release it.");
            review.Release();
            await db.SaveChangesAsync(cancellationToken);
            return ReviewView.OfWhole(review, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapPost("/reviews/{id}/release", (Id<Review> id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
        .WithSummary("Give a claimed review back to its team")
        .Produces<ReviewView>().ProducesProblem(StatusCodes.Status409Conflict);
}
