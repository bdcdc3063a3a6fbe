using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.Orchestration.Contracts;

/// <summary>A run that a step started has ended: the step looks after it, if it still waits.</summary>
/// <param name="ParentId">The run of the step.</param>
/// <param name="Step">The step's path, and <paramref name="Visit"/>: together they name the wait.</param>
/// <param name="Visit">How often the run came to that step, from 1.</param>
/// <param name="ChildId">The run that ended.</param>
[MessageName("orchestration.resume-parent.v1"), Requires(Role.System)]
public sealed record ResumeParent(Id<Workflow> ParentId, string Step, int Visit, Id<Workflow> ChildId) : ICommand;
