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

/// <summary>Changes what a run's expressions read.</summary>
internal static class ChangeContext
{
    [Requires(Role.Operator)]
    public sealed record Command(Id<Workflow> Id, JsonObject Context, string? Reason) : ICommand<OperationAnswer>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Context).NotEmpty().WithErrorCode("context_missing").WithMessage("Say in context what is to change, as a JSON merge patch: null takes a name away.");
            RuleFor(c => c.Reason).IsReason();
        }
    }

    public sealed class Handler(RunOperations operations, CallContext call, TimeProvider clock) : IRequestHandler<Command, OperationAnswer>
    {
        public async Task<OperationAnswer> Handle(Command command, CancellationToken cancellationToken) => OperationAnswer.Of(
            await operations.DoAsync(new OperationRequest(Verb.Context, command.Id, call.Caller) { Reason = command.Reason, Data = command.Context }, cancellationToken),
            clock.GetUtcNow());
    }

    /// <param name="Context">A JSON merge patch (RFC 7396) of the names that steps produced.</param>
    /// <param name="Reason">Why, in words; history and audit tell it.</param>
    internal sealed record Body(JsonObject? Context = null, string? Reason = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPatch("/workflows/{id}/context", async (Id<Workflow> id, Body body, IMediator mediator, CancellationToken cancellationToken) =>
                (await mediator.Send(new Command(id, body.Context ?? [], body.Reason), cancellationToken)).ToResult())
            .WithSummary("Change what a run's expressions read.")
            .WithDescription("Of a run that stands still: paused or waiting. One that failed takes a context with its retry. What stood there before is kept in its history.")
            .ProducesOperation();
}
