using Dox.SharedKernel.Access;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Rules;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Rules;

/// <summary>Which rules start which, and what starts them from outside.</summary>
internal static class GetRuleGraph
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator, Role.Author)]
    public sealed record Query : IQuery<Result>;

    public sealed record Result(bool Success, IReadOnlyList<RuleSetNode> Nodes, IReadOnlyList<RuleSetEdge> Edges, DateTimeOffset Timestamp);

    public sealed class Handler(RuleBook rules, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var graph = RuleSetGraph.Of(rules.Loaded);
            return Task.FromResult(new Result(true, graph.Nodes, graph.Edges, clock.GetUtcNow()));
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/rules/graph", async (IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(), cancellationToken)))
            .WithSummary("Which rules start which.");
}
