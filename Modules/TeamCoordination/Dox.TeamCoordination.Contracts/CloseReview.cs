using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>A run no longer waits for the person it asked: its review is closed without a decision. One that is decided stays as it is.</summary>
/// <param name="WorkflowId">The run.</param>
/// <param name="Step">The step that waited, and <paramref name="Visit"/>: together they name the wait.</param>
/// <param name="Visit">How often the run came to that step, from 1.</param>
/// <param name="Reason">Why, in words: who was about to decide reads it.</param>
/// <param name="ClosedBy">Who made the run stop waiting.</param>
[MessageName("team-coordination.close-review.v1"), Requires(Role.System)]
public sealed record CloseReview(Id<Workflow> WorkflowId, string Step, int Visit, string Reason, string ClosedBy) : ICommand;
