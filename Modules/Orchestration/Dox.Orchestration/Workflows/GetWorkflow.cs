using System.Text.Json;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
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

namespace Dox.Orchestration.Workflows;

/// <summary>A run: where it stands, and what each step gave.</summary>
internal static class GetWorkflow
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Workflow> Id) : IQuery<WorkflowView>;

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Query, WorkflowView>
    {
        public async Task<WorkflowView> Handle(Query query, CancellationToken cancellationToken)
        {
            var run = await db.FindVisibleRunAsync(query.Id, call.Caller, cancellationToken);
            var view = WorkflowView.Of(run, clock.GetUtcNow());
            return run is EndedRun ? view with { StateHistory = await HistoryAsync(run, cancellationToken) } : view;
        }

        private async Task<List<PastState>> HistoryAsync(RunRow run, CancellationToken cancellationToken)
        {
            var entries = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == run.Id).OrderBy(e => e.Sequence)
                .Select(e => new { e.RunStatus, e.StartedAt, e.DurationMs, e.Decision }).ToListAsync(cancellationToken);
            var history = new List<PastState> { new(NameOf(RunStatus.Running), run.StartedAt, null) };
            var state = RunStatus.Running;
            foreach (var entry in entries.Where(e => e.RunStatus != state))
            {
                state = entry.RunStatus;
                history.Add(new(NameOf(state), entry.StartedAt.AddMilliseconds(entry.DurationMs), entry.Decision));
            }

            // Why it came to nothing its error says best
            if (run.Error is { } error) history[^1] = history[^1] with { Reason = error };
            return history;
        }

        private static string NameOf(RunStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/workflows/{id}", async (Id<Workflow> id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id), cancellationToken)))
            .WithSummary("A run: its state and its steps' results.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
