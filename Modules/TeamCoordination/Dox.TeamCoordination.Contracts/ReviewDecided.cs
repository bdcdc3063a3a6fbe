using System.Text.Json;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>What a reviewer decided.</summary>
public enum ReviewDecision
{
    /// <summary>Go on, with the template and the fields given.</summary>
    Approved,

    /// <summary>Don't.</summary>
    Rejected,
}

/// <summary>A person decided a review; the run that waits for it goes on.</summary>
/// <param name="ReviewId">The review.</param>
/// <param name="WorkflowId">The run.</param>
/// <param name="Step">The step that waits.</param>
/// <param name="Visit">Which visit of it.</param>
/// <param name="DocumentId">The document, where there is one.</param>
/// <param name="Decision">What was decided.</param>
/// <param name="TemplateId">The template that the reviewer confirmed or picked.</param>
/// <param name="Fields">Corrected fields by name; any JSON values.</param>
/// <param name="Reason">In words; always there on a rejection.</param>
/// <param name="DecidedBy">Who.</param>
[MessageName("team-coordination.review-decided.v1")]
public sealed record ReviewDecided(
    Id<Review> ReviewId, Id<Workflow> WorkflowId, string Step, int Visit, Id<Document>? DocumentId, ReviewDecision Decision, string? TemplateId,
    IReadOnlyDictionary<string, JsonElement> Fields, string? Reason, string DecidedBy) : IIntegrationEvent;
