using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Interpretation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Workflows.Explaining;

/// <summary>A run as a graph: its rule's steps and ways, with what the run did of them.</summary>
internal static class GetWorkflowGraph
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Workflow> Id) : IQuery<Result>;

    public sealed record Result(
        bool Success, Id<Workflow> WorkflowId, string RuleName, string RuleVersion, string Status, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, RuleBook rules, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var run = await db.FindVisibleRunAsync(query.Id, call.Caller, cancellationToken);
            var rule = await rules.PinnedAsync(run.RuleHash, cancellationToken);
            var journal = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == run.Id && e.Sequence <= run.JournalLength).OrderBy(e => e.Sequence).ToListAsync(cancellationToken);
            var (nodes, edges) = new RunGraph(rule, RunStateJson.Read(run.State), journal).Draw();
            return new(true, run.Id, run.RuleName, run.RuleVersion, Verbs.Name(run.Status), nodes, edges, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/workflows/{id}/graph", async (Id<Workflow> id, string? format, HttpRequest request, IMediator mediator, CancellationToken cancellationToken) =>
            {
                var mermaid = Forms.Wants(request, format, "mermaid", "text/vnd.mermaid");
                var graph = await mediator.Send(new Query(id), cancellationToken);
                return mermaid ? Results.Text(MermaidText.Of(graph.Nodes, graph.Edges), "text/vnd.mermaid") : Results.Ok(graph);
            })
            .WithSummary("A run as a graph, with what it did: as JSON, or with format=mermaid (or Accept: text/vnd.mermaid) as a Mermaid flowchart.")
            .Produces<Result>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
}
