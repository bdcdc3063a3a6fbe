using Dox.Orchestration.Engine.Operations;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Workflows.Operations;

/// <summary>Passes the step over at which a run stands, or failed.</summary>
internal static class SkipWorkflow
{
    [Requires(Role.Operator)]
    public sealed record Command(Id<Workflow> Id, string? Reason) : ICommand<OperationAnswer>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason(required: true);
    }

    public sealed class Handler(RunOperations operations, CallContext call, TimeProvider clock) : IRequestHandler<Command, OperationAnswer>
    {
        public async Task<OperationAnswer> Handle(Command command, CancellationToken cancellationToken) => OperationAnswer.Of(
            await operations.DoAsync(new OperationRequest(Verb.Skip, command.Id, call.Caller) { Reason = command.Reason }, cancellationToken), clock.GetUtcNow());
    }

    /// <param name="Reason">Why, in words; history and audit tell it.</param>
    internal sealed record Body(string? Reason = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/workflows/{id}/skip", async (Id<Workflow> id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                (await mediator.Send(new Command(id, body?.Reason), cancellationToken)).ToResult())
            .WithSummary("Pass a step over, with the reason.")
            .WithDescription("The run goes on as if the step's `when` had been false; its open reviews are closed.")
            .ProducesOperation();
}
