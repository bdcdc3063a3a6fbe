using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dox.Orchestration.Workflows;

/// <summary>A run: where it stands, and what each step gave.</summary>
internal static class GetWorkflow
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Workflow> Id) : IQuery<WorkflowView>;

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Query, WorkflowView>
    {
        public async Task<WorkflowView> Handle(Query query, CancellationToken cancellationToken) =>
            WorkflowView.Of(await db.FindVisibleRunAsync(query.Id, call.Caller, cancellationToken), clock.GetUtcNow());
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/workflows/{id}", async (Id<Workflow> id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id), cancellationToken)))
            .WithSummary("A run: its state and its steps' results.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
