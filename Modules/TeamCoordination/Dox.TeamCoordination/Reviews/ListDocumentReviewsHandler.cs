using System.Text.Json;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.Teams;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Reviews;

internal sealed class ListDocumentReviewsHandler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, TimeProvider clock)
    : IRequestHandler<ListDocumentReviews, DocumentReviews>
{
    private const int Most = 20;

    public async Task<DocumentReviews> Handle(ListDocumentReviews request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var reviews = await db.Reviews.AsNoTracking().SeenBy(call.Caller, teams).Where(r => r.DocumentId == request.DocumentId)
            .OrderByDescending(r => r.Id).Take(Most).ToListAsync(cancellationToken);
        return new([.. reviews.Select(review => Of(ReviewView.OfWhole(review, now)))]);
    }

    private static DocumentReview Of(ReviewView review) => new(
        review.ReviewId, review.WorkflowId, review.Team, JsonNamingPolicy.SnakeCaseLower.ConvertName(review.State.ToString()), review.Subject, review.Message, review.Evidence,
        review.OpenedAt, review.ClaimedBy, review.DecidedBy, review.DecidedAt, review.Reason);
}
