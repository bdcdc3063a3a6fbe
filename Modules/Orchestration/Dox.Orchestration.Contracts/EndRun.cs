using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.Orchestration.Contracts;

/// <summary>A run has nothing left to work on: it is cancelled, unless it has ended.</summary>
/// <param name="WorkflowId">The run.</param>
/// <param name="Reason">Why, in words; history and audit tell it.</param>
[MessageName("orchestration.end-run.v1"), Requires(Role.System)]
public sealed record EndRun(Id<Workflow> WorkflowId, string Reason) : ICommand;
