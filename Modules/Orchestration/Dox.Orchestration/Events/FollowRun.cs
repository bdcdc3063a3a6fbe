using Dox.Orchestration.Data;
using Dox.Orchestration.Documents;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Events;

/// <summary>What happens to a run, or to a document, from the beginning on.</summary>
internal static class FollowRun
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record OfWorkflow(Id<Workflow> Id, string? After) : IQuery<IEventSource>;

    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record OfDocument(Id<Document> Id, string? After) : IQuery<IEventSource>;

    public sealed class WorkflowHandler(OrchestrationDbContext db, EventWindow window, IServiceScopeFactory scopes, CallContext call) : IRequestHandler<OfWorkflow, IEventSource>
    {
        public async Task<IEventSource> Handle(OfWorkflow query, CancellationToken cancellationToken)
        {
            var run = await db.FindVisibleRunAsync(query.Id, call.Caller, cancellationToken);
            return new RunSource(window, scopes, document: null, [run.Id], PlacesIn(query.After));
        }
    }

    public sealed class DocumentHandler(OrchestrationDbContext db, EventWindow window, IServiceScopeFactory scopes, CallContext call) : IRequestHandler<OfDocument, IEventSource>
    {
        public async Task<IEventSource> Handle(OfDocument query, CancellationToken cancellationToken)
        {
            var document = await db.FindVisibleAsync(query.Id, call.Caller, cancellationToken);
            var open = await db.OpenRuns.AsNoTracking().Where(r => r.DocumentId == query.Id).Select(r => r.Id).ToListAsync(cancellationToken);
            var ended = await db.EndedRuns.AsNoTracking().Where(r => r.DocumentId == query.Id).Select(r => r.Id).ToListAsync(cancellationToken);
            return new RunSource(window, scopes, document.Id, [.. open.Concat(ended).Append(document.WorkflowId).Distinct().Order()], PlacesIn(query.After));
        }
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/workflows/{id}/events", async (
                Id<Workflow> id, string? after, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, HttpContext http, IMediator mediator, EventStream stream,
                CancellationToken cancellationToken) =>
                await stream.WriteAsync(http, await mediator.Send(new OfWorkflow(id, lastEventId ?? after), cancellationToken)))
            .WithSummary("What happens to a run, from its beginning on (server-sent events).")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/documents/{id}/events", async (
                Id<Document> id, string? after, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, HttpContext http, IMediator mediator, EventStream stream,
                CancellationToken cancellationToken) =>
                await stream.WriteAsync(http, await mediator.Send(new OfDocument(id, lastEventId ?? after), cancellationToken)))
            .WithSummary("What happens to a document, in all of its runs (server-sent events).")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static RunPlaces PlacesIn(string? after) => RunPlaces.TryParse(after, out var places) ? places : throw LastEventId.Invalid();
}
