using System.Text.Json;
using Dox.SharedKernel.Ids;

namespace Dox.TeamCoordination.Reviews;

/// <summary>A review as it stands in a list.</summary>
internal record ReviewSummary(
    Id<Review> ReviewId, string Team, ReviewState State, string Subject, string RuleName, Id<Workflow> WorkflowId, Id<Document>? DocumentId, string Account,
    DateTimeOffset OpenedAt, string? ClaimedBy, DateTimeOffset? ClaimedUntil)
{
    public static ReviewSummary Of(ReviewRecord review, DateTimeOffset now)
    {
        var claimed = review.StateAt(now) == ReviewState.Claimed;
        return new(
            review.Id, review.Team, review.StateAt(now), review.Subject, review.RuleName, review.WorkflowId, review.DocumentId, review.Account, review.Opened,
            claimed ? review.ClaimedBy : null, claimed ? review.ClaimedUntil : null);
    }
}

/// <summary>A review with what the decision can rest on, and the decision.</summary>
internal sealed record ReviewView(
    ReviewSummary Summary, string Step, int Visit, string Message, JsonElement Evidence, string? DecidedBy, DateTimeOffset? DecidedAt, string? TemplateId,
    JsonElement? Fields, string? Reason)
    : ReviewSummary(Summary)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public ReviewSummary Summary { get; } = Summary;

    public static ReviewView OfWhole(ReviewRecord review, DateTimeOffset now) => new(
        Of(review, now), review.Step, review.Visit, review.Message, Json(review.Evidence), review.DecidedBy, review.Decided, review.TemplateId,
        review.Fields is { } fields ? Json(fields) : null, review.Reason);

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}

internal sealed record ReviewPage(bool Success, IReadOnlyList<ReviewSummary> Reviews, int Count, string? NextCursor, DateTimeOffset Timestamp);
