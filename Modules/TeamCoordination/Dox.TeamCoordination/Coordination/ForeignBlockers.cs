using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel.Ids;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Teams;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Coordination;

/// <summary>The blockers that people and other programs wrote into <c>BLOCKING_ISSUES.json</c>; DOX's own lines in it are left out.</summary>
internal sealed class ForeignBlockers(TeamCoordinationDbContext db, ServiceBanks banks, TeamDirectory teams)
{
    private const int Most = 1000;

    public async Task<IReadOnlyList<ActiveBlocker>> ReadAsync(CancellationToken cancellationToken)
    {
        var (content, _) = await banks.ContentAsync(BankName.BlockingIssues, cancellationToken);
        if (content?[BlockingIssues.Open] is not JsonArray list) return [];
        var issues = list.OfType<JsonObject>().Take(Most).Select(Read).ToList();
        var ids = issues.Select(issue => Id<Blocker>.TryParse(issue.IssueId, null, out var id) ? id : default(Id<Blocker>?)).OfType<Id<Blocker>>().ToList();
        var own = (await db.Blockers.Where(blocker => ids.Contains(blocker.Id)).Select(blocker => blocker.Id).ToListAsync(cancellationToken)).Select(id => id.ToString()).ToHashSet(StringComparer.Ordinal);
        return [.. issues.Where(issue => !own.Contains(issue.IssueId))];
    }

    private ActiveBlocker Read(JsonObject issue)
    {
        var service = Text(issue, "service_name") ?? Text(issue, "service") ?? "";
        return new ActiveBlocker(
            Text(issue, "issue_id") ?? Text(issue, "id") ?? "", Text(issue, "severity")?.ToLowerInvariant() ?? "medium", service, teams.Resolve(Text(issue, "team"), service),
            Text(issue, "title") ?? Text(issue, "description") ?? "", TimeOf(Text(issue, "opened_at") ?? Text(issue, "created_at")));
    }

    private static string? Text(JsonObject issue, string key) => issue[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUniversalTime() : null;
}
