using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Teams;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.TeamCoordination.Blockers;

internal static class ResolveBlocker
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Command(Id<Blocker> BlockerId, string Note) : ICommand<BlockerView>;

    /// <param name="Note">What was done about it.</param>
    internal sealed record Body(string? Note = null);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Note).NotEmpty().WithErrorCode("note_missing").WithMessage("Say in note what was done about it.");
            RuleFor(c => c.Note).MaximumLength(TextLimits.Message - 1).WithErrorCode("note_too_long").WithMessage($"note has at most {TextLimits.Message - 1} characters.");
        }
    }

    internal sealed class Handler(TeamCoordinationDbContext db, CallContext call, BankSignal signal, TimeProvider clock) : IRequestHandler<Command, BlockerView>
    {
        public async Task<BlockerView> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var blocker = await db.Blockers.SingleOrDefaultAsync(b => b.Id == request.BlockerId, cancellationToken)
                ?? throw DoxException.NotFound("blocker", request.BlockerId.ToString());
            if (!call.Caller.SeesTeam(blocker.Team))
                throw DoxException.Forbidden($"The blocker is the team {blocker.Team}'s; its reviewers or an operator resolve it.");
            db.ResolveBlocker(blocker, request.Note, call.Caller.User, now);
            await db.SaveChangesAsync(cancellationToken);
            signal.Raise();
            return BlockerView.Of(blocker, now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapPost("/blockers/{id}/resolve", (Id<Blocker> id, Body? body, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Command(id, body?.Note ?? ""), ct))
        .WithSummary("Resolve a blocker, with a note")
        .Produces<BlockerView>().ProducesProblem(StatusCodes.Status409Conflict);
}
