using System.Text.Json.Nodes;
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

/// <summary>Gives a run the event that it waits for.</summary>
internal static class SignalWorkflow
{
    [Requires(Role.Operator)]
    public sealed record Command(Id<Workflow> Id, string Event, JsonObject? Data, string? Reason) : ICommand<OperationAnswer>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Event).NotEmpty().WithErrorCode("event_missing").WithMessage("Name in event the event that the run waits for; GET /workflows/{id} tells it under waiting_for.");
            RuleFor(c => c.Reason).IsReason();
        }
    }

    public sealed class Handler(RunOperations operations, CallContext call, TimeProvider clock) : IRequestHandler<Command, OperationAnswer>
    {
        public async Task<OperationAnswer> Handle(Command command, CancellationToken cancellationToken) => OperationAnswer.Of(
            await operations.DoAsync(
                new OperationRequest(Verb.Signal, command.Id, call.Caller) { Reason = command.Reason, Event = command.Event, Data = command.Data }, cancellationToken),
            clock.GetUtcNow());
    }

    /// <param name="Event">The event's name.</param>
    /// <param name="Data">Its data: the waiting step's result.</param>
    /// <param name="Reason">Why, in words; history and audit tell it.</param>
    internal sealed record Body(string? Event = null, JsonObject? Data = null, string? Reason = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/workflows/{id}/signal", async (Id<Workflow> id, Body body, IMediator mediator, CancellationToken cancellationToken) =>
                (await mediator.Send(new Command(id, body.Event ?? "", body.Data, body.Reason), cancellationToken)).ToResult())
            .WithSummary("Give a run the event that it waits for.")
            .WithDescription("A paused run takes it too, and goes on with it once it is resumed.")
            .ProducesOperation();
}
