using Dox.TeamCoordination.Contracts;
using MediatR;

namespace Dox.TeamCoordination.MemoryBanks;

internal sealed class NoteEndedRunsHandler(BankNotes notes) : IRequestHandler<NoteEndedRuns, Unit>
{
    public async Task<Unit> Handle(NoteEndedRuns request, CancellationToken cancellationToken)
    {
        await notes.NoteAsync(request.Runs, cancellationToken);
        return Unit.Value;
    }
}
