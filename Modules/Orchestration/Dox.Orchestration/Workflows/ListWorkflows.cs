using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Data;
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
    // An id is made at most a day before its run begins, and at most minutes after: see StartKeys
    private static readonly TimeSpan s_idBefore = TimeSpan.FromHours(25);
    private static readonly TimeSpan s_idAfter = TimeSpan.FromHours(1);

    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(int? Limit = null, string? Cursor = null, string? Status = null, string? Rule = null, string? Service = null) : IQuery<Result>
    {
        /// <summary>Began then or later.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Began before then.</summary>
        public DateTimeOffset? To { get; init; }

        /// <summary>How many are passed over.</summary>
        public int? Offset { get; init; }

        /// <summary>Whether to say how many there are.</summary>
        public bool Count { get; init; }
    }

    /// <param name="Count">Of this page.</param>
    /// <param name="Total">How many there are, where that was asked for; 10,000 stands for that many or more.</param>
    public sealed record Result(bool Success, IReadOnlyList<WorkflowSummary> Workflows, int Count, string? NextCursor, int? Total, DateTimeOffset Timestamp);

    public sealed class Handler(LaggingReads<OrchestrationDbContext> reads, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        private readonly OrchestrationDbContext _db = reads.Db;

        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var (size, offset) = (Page.Size(query.Limit), Page.Offset(query.Offset, query.Cursor));
            Page.Period(query.From, query.To);
            var total = query.Count ? await TotalAsync(query, cancellationToken) : (int?)null;
            if (offset > 0) query = query with { Cursor = await BehindAsync(query, offset, cancellationToken) };
            var open = await From(_db.OpenRuns, query).OrderByDescending(r => r.Id).Take(size + 1).ToListAsync(cancellationToken);
            var ended = await From(_db.EndedRuns, query).OrderByDescending(r => r.Id).Take(size + 1).ToListAsync(cancellationToken);
            // A run that ended between the two reads is in both; its end is the later truth.
            var rows = ended.Concat<RunRow>(open).DistinctBy(r => r.Id).OrderByDescending(r => r.Id).Take(size + 1).ToList();
            var now = clock.GetUtcNow();
            var page = rows.Take(size).ToList();
            return new(true, [.. page.Select(r => WorkflowSummary.Of(r, now))], page.Count, rows.Count > size ? Page.Behind(page[^1].Id.ToString()) : null, total, now);
        }

        /// <summary>A cursor behind as many as are passed over; behind all where there are fewer.</summary>
        private async Task<string?> BehindAsync(Query query, int offset, CancellationToken cancellationToken)
        {
            var open = await From(_db.OpenRuns, query).OrderByDescending(r => r.Id).Take(offset).Select(r => r.Id).ToListAsync(cancellationToken);
            var ended = await From(_db.EndedRuns, query).OrderByDescending(r => r.Id).Take(offset).Select(r => r.Id).ToListAsync(cancellationToken);
            var passed = open.Concat(ended).Distinct().OrderDescending().Take(offset).ToList();
            return passed.Count == 0 ? null : Page.Behind(passed[^1].ToString());
        }

        private async Task<int> TotalAsync(Query query, CancellationToken cancellationToken)
        {
            var all = query with { Cursor = null };
            var open = await From(_db.OpenRuns, all).Take(Page.MostCounted).CountAsync(cancellationToken);
            return Math.Min(Page.MostCounted, open + await From(_db.EndedRuns, all).Take(Page.MostCounted).CountAsync(cancellationToken));
        }

        private IQueryable<TRow> From<TRow>(IQueryable<TRow> all, Query query)
            where TRow : RunRow
        {
            var runs = all.AsNoTracking();
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

            runs = Between(runs, query.From?.ToUniversalTime(), query.To?.ToUniversalTime());
            if (Page.Read(query.Cursor) is { } behind)
            {
                if (!Id<Workflow>.TryParse(behind, null, out var last)) throw Page.InvalidCursor();
                runs = runs.Where(r => r.Id < last);
            }

            return runs;
        }

        // By the id too: history lies by it, and the list goes along it
        private static IQueryable<TRow> Between<TRow>(IQueryable<TRow> runs, DateTimeOffset? from, DateTimeOffset? to)
            where TRow : RunRow
        {
            if (from is { } first)
            {
                var id = new Id<Workflow>(IdTime.First(first - DateTimeOffset.MinValue > s_idBefore ? first - s_idBefore : first));
                runs = runs.Where(r => r.StartedAt >= first && r.Id >= id);
            }

            if (to is { } end)
            {
                var id = new Id<Workflow>(IdTime.First(DateTimeOffset.MaxValue - end > s_idAfter ? end + s_idAfter : end));
                runs = runs.Where(r => r.StartedAt < end && r.Id < id);
            }

            return runs;
        }

        private static RunStatus StatusOf(string text) =>
            Enum.TryParse<RunStatus>(text.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var status) && Enum.IsDefined(status) && !text.Any(char.IsAsciiDigit)
                ? status
                : throw Page.Bad("status", $"'status': '{text}' is no state of a run. The states are pending, running, retry, paused, waiting_for_human, waiting, escalated, success, failed, cancelled.");
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet(
                "/workflows",
                async (
                    int? limit, string? cursor, string? status, string? rule, string? service, DateTimeOffset? from, DateTimeOffset? to, int? offset, bool? count, IMediator mediator,
                    CancellationToken cancellationToken) =>
                    TypedResults.Ok(await mediator.Send(new Query(limit, cursor, status, rule, service) { From = from, To = to, Offset = offset, Count = count ?? false }, cancellationToken)))
            .WithSummary("Runs, newest first.")
            .WithDescription("from and to bound the run's start (to is left out). A page begins behind cursor, the next_cursor of the page before; or, for earlier clients, after offset runs (at most 10,000). count=true adds total, of which 10,000 means that many or more.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
}
