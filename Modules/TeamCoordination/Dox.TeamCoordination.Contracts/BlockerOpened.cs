using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>A problem needs a team from now on.</summary>
/// <param name="BlockerId">The blocker.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Service">Which service it is about.</param>
/// <param name="Team">Who must see to it.</param>
/// <param name="Title">In a line.</param>
/// <param name="Description">In full.</param>
/// <param name="WorkflowId">The run that met it, if one did.</param>
/// <param name="At">Since when, UTC.</param>
[MessageName("team-coordination.blocker-opened.v1")]
public sealed record BlockerOpened(
    Id<Blocker> BlockerId, BlockerSeverity Severity, string Service, string Team, string Title, string Description, Id<Workflow>? WorkflowId, DateTimeOffset At) : IIntegrationEvent;
