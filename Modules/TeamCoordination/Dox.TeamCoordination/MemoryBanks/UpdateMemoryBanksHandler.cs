using Dox.TeamCoordination.Contracts;
using MediatR;

namespace Dox.TeamCoordination.MemoryBanks;

internal sealed class UpdateMemoryBanksHandler(BankNotes notes) : IRequestHandler<UpdateMemoryBanks, Unit>
{
    public async Task<Unit> Handle(UpdateMemoryBanks request, CancellationToken cancellationToken)
    {
        await notes.NoteAsync([request], cancellationToken);
        return Unit.Value;
    }
}
