using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Reviews;

internal static class RejectReview
{
    [Requires(Role.Reviewer)]
    internal sealed record Command(Id<Review> ReviewId, string Reason) : ICommand<ReviewView>;

    /// <param name="Reason">In words; the submitter reads it.</param>
    internal sealed record Body(string? Reason = null);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Reason).NotEmpty().WithErrorCode("reason_missing").WithMessage("Say why in reason: the submitter reads it.");
            RuleFor(c => c.Reason).Must(TextLimits.IsClean).WithErrorCode("bad_reason").WithMessage("reason has no control characters but ends of lines and tabs.");
            RuleFor(c => c.Reason).MaximumLength(TextLimits.Message - 1).WithErrorCode("reason_too_long").WithMessage($"reason has at most {TextLimits.Message - 1} characters.");
        }
    }

    internal sealed class Handler(TeamCoordinationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, ReviewView>
    {
        public async Task<ReviewView> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var review = await db.Reviews.OfOwnTeamAsync(request.ReviewId, call.Caller, cancellationToken);
            db.Raise(review.Reject(call.Caller.User, now, request.Reason.Cut(TextLimits.Message)));
            await db.SaveChangesAsync(cancellationToken);
            return ReviewView.OfWhole(review, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapPost("/reviews/{id}/reject", (Id<Review> id, Body? body, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Command(id, body?.Reason ?? ""), ct))
        .WithSummary("Reject, with the reason; the run goes on where its rule says")
        .Produces<ReviewView>().ProducesProblem(StatusCodes.Status409Conflict);
}
