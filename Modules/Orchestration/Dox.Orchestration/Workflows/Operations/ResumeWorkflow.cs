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

/// <summary>Lets a paused run go on from where it stands.</summary>
internal static class ResumeWorkflow
{
    [Requires(Role.Operator)]
    public sealed record Command(Id<Workflow> Id, string? Reason) : ICommand<OperationAnswer>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason();
    }

    public sealed class Handler(RunOperations operations, CallContext call, TimeProvider clock) : IRequestHandler<Command, OperationAnswer>
    {
        public async Task<OperationAnswer> Handle(Command command, CancellationToken cancellationToken) => OperationAnswer.Of(
            await operations.DoAsync(new OperationRequest(Verb.Resume, command.Id, call.Caller) { Reason = command.Reason }, cancellationToken), clock.GetUtcNow());
    }

    /// <param name="Reason">Why, in words; history and audit tell it.</param>
    internal sealed record Body(string? Reason = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/workflows/{id}/resume", async (Id<Workflow> id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                (await mediator.Send(new Command(id, body?.Reason), cancellationToken)).ToResult())
            .WithSummary("Let a paused run go on.")
            .WithDescription("A delay that ran out while it was paused is over; a wait goes on.")
            .ProducesOperation();
}
