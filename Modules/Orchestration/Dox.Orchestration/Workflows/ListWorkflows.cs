using Dox.Orchestration.Data;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Interpretation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Workflows;

/// <summary>Runs, newest first, open and ended ones together.</summary>
internal static class ListWorkflows
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(int? Limit = null, string? Cursor = null, string? Status = null, string? Rule = null, string? Service = null) : IQuery<Result>;

    public sealed record Result(bool Success, IReadOnlyList<WorkflowSummary> Workflows, int Count, string? NextCursor, DateTimeOffset Timestamp);

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var size = Page.Size(query.Limit);
            var open = await Filter(db.OpenRuns.AsNoTracking(), query).OrderByDescending(r => r.Id).Take(size + 1).ToListAsync(cancellationToken);
            var ended = await Filter(db.EndedRuns.AsNoTracking(), query).OrderByDescending(r => r.Id).Take(size + 1).ToListAsync(cancellationToken);
            // A run that ended between the two reads is in both; its end is the later truth.
            var rows = ended.Concat<RunRow>(open).DistinctBy(r => r.Id).OrderByDescending(r => r.Id).Take(size + 1).ToList();
            var now = clock.GetUtcNow();
            var page = rows.Take(size).ToList();
            return new(true, [.. page.Select(r => WorkflowSummary.Of(r, now))], page.Count, rows.Count > size ? Page.Behind(page[^1].Id.ToString()) : null, now);
        }

        private IQueryable<TRow> Filter<TRow>(IQueryable<TRow> runs, Query query)
            where TRow : RunRow
        {
            if (!call.Caller.SeesAllAccounts)
            {
                var account = call.Caller.Account;
                runs = runs.Where(r => r.Account == account);
            }

            if (query.Rule is { } rule) runs = runs.Where(r => r.RuleName == rule);
            if (query.Service is { } service) runs = runs.Where(r => r.Service == service);
            if (query.Status is { } text)
            {
                var status = StatusOf(text);
                runs = runs.Where(r => r.Status == status);
            }

            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!Id<Workflow>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                runs = runs.Where(r => r.Id < last);
            }

            return runs;
        }

        private static RunStatus StatusOf(string text) =>
            Enum.TryParse<RunStatus>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var status) && Enum.IsDefined(status)
                ? status
                : throw DoxException.Invalid("invalid_status", $"'{text}' is no state of a run. The states are pending, running, retry, paused, waiting_for_human, waiting, escalated, success, failed, cancelled.");
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/workflows", async (int? limit, string? cursor, string? status, string? rule, string? service, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(limit, cursor, status, rule, service), cancellationToken)))
            .WithSummary("Runs, newest first.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
}
