using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.TeamCoordination.Teams;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Reviews;

internal static class ReviewQueries
{
    /// <summary>The review, for changing.</summary>
    /// <exception cref="DoxException">404 where there is none, or it is none of the caller's business.</exception>
    public static async Task<ReviewRecord> OfCallerAsync(this DbSet<ReviewRecord> reviews, Id<Review> id, Caller caller, CancellationToken cancellationToken)
    {
        var review = await reviews.SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
        return review is not null && caller.SeesTeam(review.Team) ? review : throw DoxException.NotFound("review", id.ToString());
    }

    /// <summary>The review, for a decision or a claim, which are the team's own.</summary>
    public static async Task<ReviewRecord> OfOwnTeamAsync(this DbSet<ReviewRecord> reviews, Id<Review> id, Caller caller, CancellationToken cancellationToken)
    {
        var review = await reviews.OfCallerAsync(id, caller, cancellationToken);
        return caller.WorksFor(review.Team)
            ? review
            : throw DoxException.Forbidden($"The review is for the team {review.Team}, and {caller.User} is no reviewer of it.");
    }

    public static IQueryable<ReviewRecord> SeenBy(this IQueryable<ReviewRecord> reviews, Caller caller, TeamDirectory teams)
    {
        if (caller.Holds(Role.Operator)) return reviews;
        var own = teams.All.Where(t => caller.WorksFor(t.Name)).Select(t => t.Name).ToList();
        return reviews.Where(r => own.Contains(r.Team));
    }

    public static IQueryable<ReviewRecord> In(this IQueryable<ReviewRecord> reviews, ReviewState state, DateTimeOffset now) => state switch
    {
        ReviewState.Open => reviews.Where(r => r.State == ReviewState.Open || (r.State == ReviewState.Claimed && r.ClaimedUntil <= now)),
        ReviewState.Claimed => reviews.Where(r => r.State == ReviewState.Claimed && r.ClaimedUntil > now),
        _ => reviews.Where(r => r.State == state),
    };

    /// <summary>One page, in the order of opening.</summary>
    /// <exception cref="DoxException">400 where limit or cursor are none.</exception>
    public static async Task<ReviewPage> PageAsync(
        this IQueryable<ReviewRecord> reviews, int? limit, string? cursor, bool newestFirst, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var size = Page.Size(limit);
        if (Page.Read(cursor) is { } behind)
        {
            if (!Id<Review>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
            reviews = newestFirst ? reviews.Where(r => r.Id < last) : reviews.Where(r => r.Id > last);
        }

        var ordered = newestFirst ? reviews.OrderByDescending(r => r.Id) : reviews.OrderBy(r => r.Id);
        var rows = await ordered.AsNoTracking().Take(size + 1).ToListAsync(cancellationToken);
        var page = rows.Take(size).Select(r => ReviewSummary.Of(r, now)).ToList();
        return new(true, page, page.Count, rows.Count > size ? Page.Behind(page[^1].ReviewId.ToString()) : null, now);
    }
}
