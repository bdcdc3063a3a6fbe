using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.TeamCoordination.Contracts;
using Dox.TeamCoordination.Data;
using Dox.TeamCoordination.MemoryBanks;
using Dox.TeamCoordination.Teams;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.TeamCoordination.Blockers;

/// <summary>A blocker opened by a person.</summary>
internal static class ReportBlocker
{
    [Requires(Role.Reviewer, Role.Operator)]
    internal sealed record Command(BlockerSeverity Severity, string Service, string? Team, string Title, string Description, Id<Workflow>? WorkflowId) : ICommand<BlockerView>;

    /// <param name="Title">In a line.</param>
    /// <param name="Service">Which service it is about.</param>
    /// <param name="Description">In full.</param>
    /// <param name="Severity">low, medium, high, critical.</param>
    /// <param name="Team">Left out: the service's owner.</param>
    /// <param name="WorkflowId">The run that met it.</param>
    internal sealed record Body(
        string? Title = null, string? Service = null, string? Description = null, BlockerSeverity Severity = BlockerSeverity.Medium, string? Team = null, Id<Workflow>? WorkflowId = null);

    internal sealed class Validator : AbstractValidator<Command>
    {
        public Validator(TeamDirectory teams)
        {
            RuleFor(c => c.Title).NotEmpty().WithErrorCode("title_missing").WithMessage("Say in title, in a line, what blocks.");
            RuleFor(c => c.Title).MaximumLength(TextLimits.Subject - 1).WithErrorCode("title_too_long").WithMessage($"title has at most {TextLimits.Subject - 1} characters.");
            RuleFor(c => c.Service).NotEmpty().WithErrorCode("service_missing").WithMessage("Say in service which service is blocked.");
            RuleFor(c => c.Service).MaximumLength(TextLimits.Name - 1).WithErrorCode("service_too_long").WithMessage($"service has at most {TextLimits.Name - 1} characters.");
            RuleFor(c => c.Description).MaximumLength(TextLimits.Message - 1).WithErrorCode("description_too_long")
                .WithMessage($"description has at most {TextLimits.Message - 1} characters.");
            RuleFor(c => c.Team).Must(t => t is null || teams.Find(t) is not null).WithErrorCode("unknown_team")
                .WithMessage($"team is one of {string.Join(", ", teams.All.Select(t => t.Name))}; left out, the service's owner is meant.");
        }
    }

    internal sealed class Handler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, BankSignal signal, TimeProvider clock)
        : IRequestHandler<Command, BlockerView>
    {
        public async Task<BlockerView> Handle(Command request, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var id = Id<Blocker>.New(clock);
            await db.OpenBlockerOnceAsync(
                new(id, request.Severity, request.Service, request.Team, request.Title, request.Description, request.WorkflowId), teams, call.Caller, now, cancellationToken);
            await db.SaveChangesAsync(cancellationToken);
            signal.Raise();
            return BlockerView.Of(db.Blockers.Local.Single(b => b.Id == id), now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) => api
        .MapPost("/blockers", async (Body body, HttpRequest http, IMediator mediator, CancellationToken ct) =>
        {
            var blocker = await mediator.Send(
                new Command(body.Severity, body.Service ?? "", body.Team, body.Title ?? "", body.Description ?? "", body.WorkflowId), ct);
            return TypedResults.Created($"{http.PathBase}{http.Path}/{blocker.BlockerId}", blocker);
        })
        .WithSummary("Report a problem that needs a team")
        .ProducesProblem(StatusCodes.Status400BadRequest);
}

internal sealed class OpenBlockerHandler(TeamCoordinationDbContext db, TeamDirectory teams, CallContext call, BankSignal signal, TimeProvider clock)
    : IRequestHandler<OpenBlocker, Unit>
{
    public async Task<Unit> Handle(OpenBlocker request, CancellationToken cancellationToken)
    {
        await db.OpenBlockerOnceAsync(request, teams, call.Caller, clock.GetUtcNow(), cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        signal.Raise();
        return Unit.Value;
    }
}
