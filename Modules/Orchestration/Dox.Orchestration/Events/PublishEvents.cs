using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Events;

/// <summary>Puts events into the feed; the same key raises the same events, once.</summary>
internal static class PublishEvents
{
    private const int LargestData = 64 * 1024;

    /// <param name="Key">What raises them: a step's key.</param>
    [Requires(Role.System)]
    public sealed record Command(string Key, string Service, Id<Workflow>? WorkflowId, Id<Document>? DocumentId, IReadOnlyList<Published> Events) : ICommand<Result>;

    public sealed record Published(string Type, JsonObject Data);

    public sealed record Result(IReadOnlyList<Id<Happening>> EventIds);

    public sealed class Handler(OrchestrationDbContext db, CallContext call, EventWindow window, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var now = clock.GetUtcNow();
            var events = command.Events.Select((e, i) => RowOf(command, e, i, now)).ToList();
            var ids = events.ConvertAll(e => e.EventId);
            var known = await db.RaisedEvents.AsNoTracking().Where(e => ids.Contains(e.EventId)).Select(e => e.EventId).ToListAsync(cancellationToken);
            db.RaisedEvents.AddRange(events.Where(e => !known.Contains(e.EventId)));
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException) when (db.RaisedEvents.AsNoTracking().Count(e => ids.Contains(e.EventId)) == ids.Count)
            {
                // The same step twice at once, and the other one was first.
                db.ChangeTracker.Clear();
            }

            window.Hurry();
            return new(ids);
        }

        private RaisedEvent RowOf(Command command, Published e, int index, DateTimeOffset now)
        {
            if (e.Type.Length is 0 or > RaisedEvent.LongestType || !e.Type.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':'))
                throw DoxException.Invalid("invalid_event", $"'{e.Type}' can't be an event's name: letters, digits, _ - . : make one, at most {RaisedEvent.LongestType} of them.");
            if (EventType.IsTheEngines(e.Type))
                throw DoxException.Invalid("reserved_event", $"'{e.Type}' is told by the engine alone. Publish an event of another name.");
            // A run that is kept nowhere can't be asked how deep it lies
            if (call.Caller.Depth > 0) e.Data[Causation.EventMember] = call.Caller.Depth;
            var data = e.Data.ToJsonString(DoxJson.Options);
            if (data.Length > LargestData)
                throw DoxException.Invalid("event_too_large", $"The data of '{e.Type}' has {data.Length} characters; {LargestData} are allowed. Publish an id, and store the rest with store_result.");
            return new RaisedEvent
            {
                EventId = DoxEvent.IdOf(command.Key, index),
                Bucket = Bucket.Of(call.Caller.Account),
                Type = e.Type,
                Data = data,
                Service = command.Service,
                Account = call.Caller.Account,
                WorkflowId = command.WorkflowId,
                DocumentId = command.DocumentId,
                Source = command.Key,
                Occurred = now,
            };
        }
    }
}
