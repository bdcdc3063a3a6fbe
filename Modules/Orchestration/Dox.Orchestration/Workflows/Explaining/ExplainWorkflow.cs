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

/// <summary>Why a run is where it is, or ended so: every turn, with the line of the rule and the values that decided it.</summary>
internal static class ExplainWorkflow
{
    // A run has at most so many steps; more lines would be an endless loop's.
    private const int MostTurns = 20_000;

    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Workflow> Id) : IQuery<Result>;

    /// <param name="Summary">In a sentence or two.</param>
    /// <param name="Trigger">What started it.</param>
    /// <param name="ReplayOf">The run that it begins in, where it replays one.</param>
    /// <param name="Truncated">The run has more turns than are told.</param>
    public sealed record Result(
        bool Success, Id<Workflow> WorkflowId, string RuleName, string RuleVersion, string Status, string Summary, string StartedBy, string Account, string? Trigger, string? ReplayOf,
        DateTimeOffset StartTime, DateTimeOffset? EndTime, IReadOnlyList<Turn> Turns, bool Truncated, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, RuleBook rules, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var run = await db.FindVisibleRunAsync(query.Id, call.Caller, cancellationToken);
            var rule = await rules.PinnedAsync(run.RuleHash, cancellationToken);
            var state = RunStateJson.Read(run.State);
            // Not beyond the row: it and the journal are of one moment then.
            var journal = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == run.Id && e.Sequence <= run.JournalLength)
                .OrderBy(e => e.Sequence).Take(MostTurns).ToListAsync(cancellationToken);
            var explanation = new RunExplanation(rule, state, journal);
            return new(
                true, run.Id, run.RuleName, run.RuleVersion, Verbs.Name(run.Status), explanation.Summary(), run.User, run.Account, (string?)state.Facts?["trigger"],
                (string?)state.Facts?["replay_of"], run.StartedAt, state.EndedAt, explanation.Turns(), run.JournalLength > MostTurns, clock.GetUtcNow());
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/workflows/{id}/explain", async (Id<Workflow> id, string? format, HttpRequest request, IMediator mediator, CancellationToken cancellationToken) =>
            {
                var text = Forms.Wants(request, format, "text", "text/plain");
                var explained = await mediator.Send(new Query(id), cancellationToken);
                return text ? Results.Text(ExplanationText.Of(explained), "text/plain") : Results.Ok(explained);
            })
            .WithSummary("Why a run is where it is, or ended so: as JSON, or with format=text (or Accept: text/plain) to read.")
            .Produces<Result>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
}
