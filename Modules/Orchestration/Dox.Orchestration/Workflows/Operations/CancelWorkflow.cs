using Dox.Orchestration.Engine.Operations;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Workflows.Operations;

/// <summary>Ends a run for good.</summary>
internal static class CancelWorkflow
{
    /// <param name="Id">The run.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Rollback">Undo first what it did.</param>
    [Requires(Role.Operator)]
    public sealed record Command(Id<Workflow> Id, string? Reason, bool Rollback) : ICommand<OperationAnswer>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason();
    }

    public sealed class Handler(RunOperations operations, CallContext call, TimeProvider clock) : IRequestHandler<Command, OperationAnswer>
    {
        public async Task<OperationAnswer> Handle(Command command, CancellationToken cancellationToken) => OperationAnswer.Of(
            await operations.DoAsync(new OperationRequest(Verb.Cancel, command.Id, call.Caller) { Reason = command.Reason, Rollback = command.Rollback }, cancellationToken),
            clock.GetUtcNow());
    }

    /// <param name="Reason">Why, in words; history and audit tell it.</param>
    /// <param name="Rollback">Run the compensations of what was done, newest first; the run is cancelled then.</param>
    internal sealed record Body(string? Reason = null, bool Rollback = false);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapDelete("/workflows/{id}", async (
                Id<Workflow> id, [FromBody] Body? body, [FromQuery] string? reason, [FromQuery] bool? rollback, IMediator mediator, CancellationToken cancellationToken) =>
                (await mediator.Send(new Command(id, body?.Reason ?? reason, rollback ?? body?.Rollback ?? false), cancellationToken)).ToResult())
            .WithSummary("Cancel a run.")
            .WithDescription("A step that is under way is told to give up: 202, and the run is cancelled then. Open reviews are closed, and runs that it started are cancelled too. Reason and rollback may stand in the body or in the address.")
            .ProducesOperation();
}
