using Dox.TeamCoordination.Data;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Teams;

/// <summary>How much waits for a team; the ages are null where nothing does.</summary>
internal sealed record TeamSummary(
    string Name, IReadOnlyList<string> Services, int OpenReviews, double? OldestReviewAgeSeconds, int OpenBlockers, double? OldestBlockerAgeSeconds);

/// <summary>What waits for each team now.</summary>
internal sealed class TeamLoad
{
    private readonly Dictionary<string, Waiting> _reviews;
    private readonly Dictionary<string, Waiting> _blockers;
    private readonly DateTimeOffset _now;

    private TeamLoad(Dictionary<string, Waiting> reviews, Dictionary<string, Waiting> blockers, DateTimeOffset now) =>
        (_reviews, _blockers, _now) = (reviews, blockers, now);

    public static async Task<TeamLoad> ReadAsync(TeamCoordinationDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var reviews = await db.Reviews.Where(r => r.Decided == null).GroupBy(r => r.Team)
            .Select(g => new Waiting(g.Key, g.Count(), g.Min(r => r.Opened))).ToDictionaryAsync(w => w.Team, StringComparer.OrdinalIgnoreCase, cancellationToken);
        var blockers = await db.Blockers.Where(b => b.Resolved == null).GroupBy(b => b.Team)
            .Select(g => new Waiting(g.Key, g.Count(), g.Min(b => b.Opened))).ToDictionaryAsync(w => w.Team, StringComparer.OrdinalIgnoreCase, cancellationToken);
        return new(reviews, blockers, now);
    }

    public TeamSummary Of(TeamDefinition team)
    {
        var (reviews, blockers) = (_reviews.GetValueOrDefault(team.Name), _blockers.GetValueOrDefault(team.Name));
        return new(team.Name, team.Services, reviews?.Count ?? 0, Age(reviews), blockers?.Count ?? 0, Age(blockers));
    }

    private double? Age(Waiting? waiting) => waiting is null ? null : Math.Max(0, (_now - waiting.Oldest).TotalSeconds);

    private sealed record Waiting(string Team, int Count, DateTimeOffset Oldest);
}
