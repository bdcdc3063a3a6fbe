using System.Text.Json;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>A run waits for a person. Opening the same review again changes nothing.</summary>
/// <param name="Id">Given by the sender, so that it can be named before it is there.</param>
/// <param name="WorkflowId">The run that waits.</param>
/// <param name="RuleName">The run's rule.</param>
/// <param name="Step">The step that waits, and <paramref name="Visit"/>: together they name the wait.</param>
/// <param name="Visit">How often the run came to that step, from 1.</param>
/// <param name="DocumentId">What is to be looked at, where the run is about a document.</param>
/// <param name="Account">Who owns it.</param>
/// <param name="Team">A team's name.</param>
/// <param name="Subject">What is asked, in a line.</param>
/// <param name="Message">What is asked, in full.</param>
/// <param name="Evidence">What the decision can rest on: candidates, confidence, fields; any JSON.</param>
[MessageName("team-coordination.open-review.v1"), Requires(Role.System)]
public sealed record OpenReview(
    Id<Review> Id, Id<Workflow> WorkflowId, string RuleName, string Step, int Visit, Id<Document>? DocumentId, string Account, string Team,
    string Subject, string Message, JsonElement Evidence) : ICommand;
