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

/// <summary>Tries the step that failed once more.</summary>
internal static class RetryWorkflow
{
    [Requires(Role.Operator)]
    public sealed record Command(Id<Workflow> Id, string? Reason, JsonObject? Context) : ICommand<OperationAnswer>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason();
    }

    public sealed class Handler(RunOperations operations, CallContext call, TimeProvider clock) : IRequestHandler<Command, OperationAnswer>
    {
        public async Task<OperationAnswer> Handle(Command command, CancellationToken cancellationToken) => OperationAnswer.Of(
            await operations.DoAsync(new OperationRequest(Verb.Retry, command.Id, call.Caller) { Reason = command.Reason, Data = command.Context }, cancellationToken), clock.GetUtcNow());
    }

    /// <param name="Reason">Why, in words; history and audit tell it.</param>
    /// <param name="Context">A JSON merge patch (RFC 7396) of the names that steps produced, made before the attempt.</param>
    internal sealed record Body(string? Reason = null, JsonObject? Context = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/workflows/{id}/retry", async (Id<Workflow> id, Body? body, IMediator mediator, CancellationToken cancellationToken) =>
                (await mediator.Send(new Command(id, body?.Reason, body?.Context), cancellationToken)).ToResult())
            .WithSummary("Try the step that failed once more.")
            .WithDescription("Opens a run again that failed or was escalated. A run that waits for a person because a step failed, or for its next attempt, tries it at once.")
            .ProducesOperation();
}
