using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>What people were asked about a document, of the reviews that the caller sees.</summary>
/// <param name="DocumentId">The document.</param>
[MessageName("team-coordination.list-document-reviews.v1"), Requires(Role.Reviewer, Role.Operator)]
public sealed record ListDocumentReviews(Id<Document> DocumentId) : IQuery<DocumentReviews>;

/// <summary>The answer to <see cref="ListDocumentReviews"/>.</summary>
/// <param name="Reviews">The newest first, at most twenty.</param>
public sealed record DocumentReviews(IReadOnlyList<DocumentReview> Reviews);

/// <summary>A review of a document.</summary>
/// <param name="ReviewId">Its id.</param>
/// <param name="WorkflowId">The run that asks.</param>
/// <param name="Team">Who is asked.</param>
/// <param name="State"><c>open</c>, <c>claimed</c>, <c>approved</c> or <c>rejected</c>.</param>
/// <param name="Subject">What is asked, in a few words.</param>
/// <param name="Message">And in more.</param>
/// <param name="Evidence">What the decision can rest on, as the rule gave it.</param>
/// <param name="OpenedAt">UTC.</param>
/// <param name="ClaimedBy">Who works on it; null: nobody does now.</param>
/// <param name="DecidedBy">Null while it is open.</param>
/// <param name="DecidedAt">UTC.</param>
/// <param name="Reason">Of the decision.</param>
public sealed record DocumentReview(
    Id<Review> ReviewId, Id<Workflow> WorkflowId, string Team, string State, string Subject, string Message, JsonElement Evidence, DateTimeOffset OpenedAt, string? ClaimedBy,
    string? DecidedBy, DateTimeOffset? DecidedAt, string? Reason);
