using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Audit;

/// <summary>Who changed what, newest first.</summary>
internal static class ListAudit
{
    [Requires(Role.Operator)]
    public sealed record Query : IQuery<Result>
    {
        public int? Limit { get; init; }

        public string? Cursor { get; init; }

        /// <summary>Who did it.</summary>
        public string? Actor { get; init; }

        /// <summary>What was done, for example <c>workflow.cancel</c>.</summary>
        public string? Action { get; init; }

        /// <summary>The id of what was changed.</summary>
        public string? Subject { get; init; }

        /// <summary>Who owns what was changed.</summary>
        public string? Account { get; init; }

        /// <summary>Not before then.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Before then.</summary>
        public DateTimeOffset? To { get; init; }
    }

    public sealed record Result(bool Success, IReadOnlyList<Entry> Entries, int Count, string? NextCursor, DateTimeOffset Timestamp);

    public sealed record Entry(
        long Sequence, DateTimeOffset At, string Actor, IReadOnlyList<string> ActorRoles, string Account, string Action, string Subject, string? Reason,
        string? FromState, string? ToState, JsonNode? Details, string? TraceId, string Hash)
    {
        public static Entry Of(AuditEntry entry) => new(
            entry.Sequence, entry.At, entry.Actor, entry.ActorRoles.Split(',', StringSplitOptions.RemoveEmptyEntries), entry.Account, entry.Action, entry.Subject, entry.Reason,
            entry.FromState, entry.ToState, entry.Details is null ? null : JsonNode.Parse(entry.Details), entry.TraceId, Convert.ToHexStringLower(entry.Hash));
    }

    public sealed class Handler(OrchestrationDbContext db, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var size = Page.Size(query.Limit);
            var rows = await Filter(db.Audit.AsNoTracking(), query).OrderByDescending(e => e.Sequence).Take(size + 1).ToListAsync(cancellationToken);
            var page = rows.Take(size).Select(Entry.Of).ToList();
            var next = rows.Count > size ? Page.Behind(page[^1].Sequence.ToString(CultureInfo.InvariantCulture)) : null;
            return new(true, page, page.Count, next, clock.GetUtcNow());
        }

        private static IQueryable<AuditEntry> Filter(IQueryable<AuditEntry> entries, Query query)
        {
            if (query.Actor is { } actor) entries = entries.Where(e => e.Actor == actor);
            if (query.Action is { } action) entries = entries.Where(e => e.Action == action);
            if (query.Subject is { } subject) entries = entries.Where(e => e.Subject == subject);
            if (query.Account is { } account) entries = entries.Where(e => e.Account == account);
            if (query.From?.ToUniversalTime() is { } from) entries = entries.Where(e => e.At >= from);
            if (query.To?.ToUniversalTime() is { } to) entries = entries.Where(e => e.At < to);
            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!long.TryParse(behind, NumberStyles.None, CultureInfo.InvariantCulture, out var last)) throw Page.InvalidCursor();
                entries = entries.Where(e => e.Sequence < last);
            }

            return entries;
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/audit", async ([AsParameters] Query query, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(query, cancellationToken)))
            .WithSummary("Who changed what, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden);
}
