using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Messages;

namespace Dox.Orchestration.Contracts;

/// <summary>A step waits no longer for the run that it started, or was about to start: it was cancelled, passed over, or dropped. That run is cancelled too, or never begins.</summary>
/// <param name="ParentId">The run whose step it is.</param>
/// <param name="Step">The step's path, and <paramref name="Visit"/>: together they name the start.</param>
/// <param name="Visit">How often the run came to that step, from 1.</param>
/// <param name="By">Who did that.</param>
/// <param name="Rollback">Whether what it did is undone first.</param>
[MessageName("orchestration.cancel-child.v1"), Requires(Role.System)]
public sealed record CancelChild(Id<Workflow> ParentId, string Step, int Visit, string By, bool Rollback) : ICommand;
