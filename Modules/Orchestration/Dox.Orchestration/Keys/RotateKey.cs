using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Keys;

/// <summary>Gives a key a new text, and new time. The old one is taken beside it for a while, so that who uses it can change over without a gap.</summary>
internal static class RotateKey
{
    [Requires(Role.Admin)]
    public sealed record Command(Id<ApiKey> Id, int? ExpiresInDays) : ICommand<CreateKey.Result>;

    public sealed class Handler(OrchestrationDbContext db, IOptions<KeyOptions> options, CallContext call, TimeProvider clock) : IRequestHandler<Command, CreateKey.Result>
    {
        public async Task<CreateKey.Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var text = KeyRecord.NewText();
            await using var write = await db.BeginWriteAsync(cancellationToken);
            var key = await db.FindKeyAsync(command.Id, cancellationToken);
            if (key.Revoked is { } at) throw DoxException.Conflict("key_revoked", $"The key was revoked on {at:u} and stays so. Make a new one.");
            (key.PreviousHash, key.PreviousUntil, key.Hash) = (key.Hash, Earlier(key.Expires, now + options.Value.RotationOverlap), KeyRecord.HashOf(text));
            key.Expires = now.AddDays(CreateKey.Days(command.ExpiresInDays, options.Value));
            await db.SaveKeyAsync(key, cancellationToken);
            await db.NoteAsync(KeyAudit.Of(call.Caller, "key.rotate", key), clock, cancellationToken);
            await write.CommitAsync(cancellationToken);
            return new(true, KeyView.Of(key, now), text, now);
        }

        // A text that had run out before isn't taken again
        private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
    }

    /// <param name="ExpiresInDays">1 to 3650; absent: <c>Dox:Keys:ValidDays</c>.</param>
    internal sealed record Body(int? ExpiresInDays = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/keys/{id}/rotate", async (Id<ApiKey> id, Body? body, HttpResponse response, IMediator mediator, CancellationToken cancellationToken) =>
            {
                var made = await mediator.Send(new Command(id, body?.ExpiresInDays), cancellationToken);
                response.Headers.CacheControl = "no-store";
                return TypedResults.Ok(made);
            })
            .WithSummary("Give a key a new text.")
            .WithDescription("Until Dox:Keys:RotationOverlap is over, both are taken. The answer holds the new one, which isn't told again.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
}
