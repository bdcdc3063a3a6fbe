using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;

namespace Dox.TeamCoordination.Contracts;

/// <summary>What the banks are told of runs that ended, many at once: one message a run would cost more than the run.</summary>
/// <param name="Runs">One for each run.</param>
[MessageName("team-coordination.note-ended-runs.v1"), Requires(Role.System)]
public sealed record NoteEndedRuns(IReadOnlyList<UpdateMemoryBanks> Runs) : ICommand;
