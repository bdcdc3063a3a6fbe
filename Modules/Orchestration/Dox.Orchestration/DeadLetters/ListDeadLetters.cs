using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Infrastructure.Outbox;
using Dox.SharedKernel.Infrastructure.Transport.Redis;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.DeadLetters;

/// <summary>What was given up: messages between this process's modules, events for webhooks, and entries of streams that a module can't read. The latest first.</summary>
internal static class ListDeadLetters
{
    [Requires(Role.Operator)]
    public sealed record Query(string? Kind = null, string? Module = null, int? Limit = null, string? Cursor = null) : IQuery<Result>;

    /// <param name="Modules">Those whose messages are looked at: the ones of this process.</param>
    public sealed record Result(bool Success, IReadOnlyList<DeadLetter> DeadLetters, int Count, string? NextCursor, IReadOnlyList<string> Modules, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, DeadMessages messages, UnreadEntries entries, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var (size, module, before) = (Page.Size(query.Limit), messages.Named(query.Module), Behind(query.Cursor));
            var found = new List<(Guid Id, DeadLetter Letter)>();
            if (WantsKind(query.Kind, DeadLetter.Message))
                found.AddRange((await messages.ListAsync(module, before, size + 1, cancellationToken)).Select(m => (m.Id, DeadLetter.Of(m))));
            if (WantsKind(query.Kind, DeadLetter.Delivery) && module is null or OrchestrationModule.ModuleName)
                found.AddRange(await DeliveriesAsync(before, size + 1, cancellationToken));
            if (WantsKind(query.Kind, DeadLetter.Entry)) found.AddRange((await entries.ListAsync(module, before, size + 1)).Select(e => (e.Id, DeadLetter.Of(e))));
            var page = found.OrderByDescending(f => f.Id).Take(size).ToList();
            var next = found.Count > size ? Page.Behind(page[^1].Id.ToString("N")) : null;
            return new(true, [.. page.Select(f => f.Letter)], page.Count, next, [.. messages.Modules.Order(StringComparer.Ordinal)], clock.GetUtcNow());
        }

        private async Task<IEnumerable<(Guid Id, DeadLetter Letter)>> DeliveriesAsync(Guid? before, int most, CancellationToken cancellationToken)
        {
            var dead = db.DeadDeliveries().AsNoTracking();
            if (before is { } id)
            {
                var last = new Id<Delivery>(id);
                dead = dead.Where(d => d.Id < last);
            }

            var rows = await dead.OrderByDescending(d => d.Id).Take(most).ToListAsync(cancellationToken);
            return rows.Select(d => (d.Id.Value, DeadLetter.Of(d)));
        }

        private static bool WantsKind(string? asked, string kind) => asked is null || asked == kind
            || (asked is DeadLetter.Message or DeadLetter.Delivery or DeadLetter.Entry ? false : throw Page.Bad("kind", "'kind' is message, delivery or entry."));

        private static Guid? Behind(string? cursor) => Page.Read(cursor) is not { } behind ? null : Guid.TryParseExact(behind, "N", out var id) ? id : throw Page.InvalidCursor();
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/dead-letters", async (string? kind, string? module, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(kind, module, limit, cursor), cancellationToken)))
            .WithSummary("Messages, webhook deliveries and unreadable entries that were given up, the latest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden);
}
