using Dox.Orchestration.Data;
using Dox.Orchestration.Workflows.Operations;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Keys;

/// <summary>Takes a key out of use for good. What is known of it stays, since the audit names it.</summary>
internal static class RevokeKey
{
    [Requires(Role.Admin)]
    public sealed record Command(Id<ApiKey> Id, string? Reason) : ICommand<Result>;

    public sealed record Result(bool Success, KeyView Key, DateTimeOffset Timestamp);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsReason();
    }

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            await using var write = await db.BeginWriteAsync(cancellationToken);
            var key = await db.FindKeyAsync(command.Id, cancellationToken);
            if (key.Revoked is null)
            {
                key.Revoked = now;
                await db.SaveKeyAsync(key, cancellationToken);
                await db.NoteAsync(KeyAudit.Of(call.Caller, "key.revoke", key, command.Reason), clock, cancellationToken);
                await write.CommitAsync(cancellationToken);
            }

            return new(true, KeyView.Of(key, now), now);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapDelete("/keys/{id}", async (Id<ApiKey> id, [FromQuery] string? reason, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Command(id, reason), cancellationToken)))
            .WithSummary("Take a key out of use.")
            .WithDescription("It is refused within ten seconds by every process, and stays so.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound);
}
