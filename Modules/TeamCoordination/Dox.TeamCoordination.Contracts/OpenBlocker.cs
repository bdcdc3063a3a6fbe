using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>How bad a blocker is.</summary>
public enum BlockerSeverity
{
    /// <summary>Can wait.</summary>
    Low,

    /// <summary>Today.</summary>
    Medium,

    /// <summary>Now.</summary>
    High,

    /// <summary>All hands.</summary>
    Critical,
}

/// <summary>A problem needs a team. Opening the same blocker again changes nothing.</summary>
/// <param name="Id">Given by the sender.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Service">Which service it is about.</param>
/// <param name="Team">A team's name; null: the service's owner.</param>
/// <param name="Title">In a line.</param>
/// <param name="Description">In full.</param>
/// <param name="WorkflowId">The run that met it, if one did.</param>
[MessageName("team-coordination.open-blocker.v1"), Requires(Role.Reviewer, Role.Operator)]
public sealed record OpenBlocker(
    Id<Blocker> Id, BlockerSeverity Severity, string Service, string? Team, string Title, string Description, Id<Workflow>? WorkflowId = null) : ICommand;
