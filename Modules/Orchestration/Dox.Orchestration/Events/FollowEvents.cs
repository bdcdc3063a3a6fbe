using System.Collections.Immutable;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Events;

/// <summary>Everything that happens, as it happens: what the caller's account owns, or all of it for those who see all.</summary>
internal static class FollowEvents
{
    /// <param name="Types">With commas between; null: all.</param>
    /// <param name="After">The id of the last event that the reader has; null: begin with what comes next.</param>
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    public sealed record Query(string? Types, string? After) : IQuery<IEventSource>;

    public sealed class Handler(EventWindow window, IEventLog log, CallContext call) : IRequestHandler<Query, IEventSource>
    {
        public async Task<IEventSource> Handle(Query query, CancellationToken cancellationToken)
        {
            var (oldest, newest) = await log.RangeAsync(cancellationToken);
            var after = new EventPosition(newest, int.MaxValue);
            if (!string.IsNullOrEmpty(query.After) && !EventPosition.TryParse(query.After, out after)) throw LastEventId.Invalid();
            // An id beyond the end is of a feed that has begun anew.
            if (after.Entry > newest) after = new EventPosition(newest, int.MaxValue);
            var types = (query.Types ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToImmutableHashSet(StringComparer.Ordinal);
            return new FeedSource(window, call.Caller, types, after, oldest);
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/events", async (
                string? types, string? after, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, HttpContext http, IMediator mediator, EventStream stream,
                CancellationToken cancellationToken) =>
                await stream.WriteAsync(http, await mediator.Send(new Query(types, lastEventId ?? after), cancellationToken)))
            .WithSummary("What happens, as it happens (server-sent events).")
            .WithDescription("Each event has an id; a reader that comes back with Last-Event-ID (or after) gets what it missed, and nothing twice. types chooses, with commas between. docs/reference/events.md lists the types.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
}

internal static class LastEventId
{
    public static DoxException Invalid() => DoxException.Invalid("invalid_last_event_id", "Last-Event-ID is the id of an event of this stream; send it back as it came.");
}
