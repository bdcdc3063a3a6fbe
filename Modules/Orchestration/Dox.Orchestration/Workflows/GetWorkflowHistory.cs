using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Workflows;

/// <summary>A run's journal: each attempt with what went in, what came out, and why the run went on as it did.</summary>
internal static class GetWorkflowHistory
{
    [Requires(Role.Submitter, Role.Reviewer, Role.Operator)]
    public sealed record Query(Id<Workflow> Id, int? Limit = null, string? Cursor = null) : IQuery<Result>;

    /// <param name="ChainValid">Whether each entry of this page is there, and its hash the one that it must have after the entry before it.</param>
    /// <param name="Count">Of this page.</param>
    public sealed record Result(bool Success, Id<Workflow> WorkflowId, bool ChainValid, IReadOnlyList<Entry> Entries, int Count, string? NextCursor, DateTimeOffset Timestamp);

    /// <param name="Kind"><c>attempt</c>, <c>compensation</c> (the step was undone) or <c>operator</c>.</param>
    /// <param name="Step">The step's path; of an operator's act the one that the run stood at.</param>
    /// <param name="Action">The action, or the operator's verb.</param>
    /// <param name="Actor">The operator; null for what is the run's own.</param>
    /// <param name="Decision">Why the run goes where it goes next; of an operator's act the reason.</param>
    public sealed record Entry(
        int Sequence, string Kind, string Step, string Action, int Visit, int Attempt, string Status, JsonNode? Input, JsonNode? Output, JsonNode? Error,
        DateTimeOffset StartedAt, double DurationMs, int RuleLine, string? Actor, string? Decision, int? DecisionLine, string Hash);

    public sealed class Handler(OrchestrationDbContext db, CallContext call, TimeProvider clock) : IRequestHandler<Query, Result>
    {
        public async Task<Result> Handle(Query query, CancellationToken cancellationToken)
        {
            var run = await db.FindVisibleRunAsync(query.Id, call.Caller, cancellationToken);
            var (size, after) = (Page.Size(query.Limit), Behind(query.Cursor));
            // With the one before the page: the first of the page must follow it
            var journal = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == query.Id && e.Sequence >= after).OrderBy(e => e.Sequence).Take(size + 2).ToListAsync(cancellationToken);
            var before = journal is [{ } first, ..] && first.Sequence == after ? first : null;
            if (after > 0 && before is null) throw Page.InvalidCursor();
            var found = journal.Where(e => e.Sequence > after).ToList();
            var page = found.Take(size).ToList();
            return new(
                true, run.Id, JournalEntry.IsChained(page, before), [.. page.Select(EntryOf)], page.Count,
                found.Count > size ? Page.Behind(page[^1].Sequence.ToString(CultureInfo.InvariantCulture)) : null, clock.GetUtcNow());
        }

        private static int Behind(string? cursor) => Page.Read(cursor) is not { } behind ? 0
            : int.TryParse(behind, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence > 0 ? sequence : throw Page.InvalidCursor();

        private static Entry EntryOf(JournalEntry entry) => new(
            entry.Sequence, Snake(entry.Kind), entry.Step, entry.Action, entry.Visit, entry.Attempt, Snake(entry.Status),
            Parse(entry.Input), Parse(entry.Output), Parse(entry.Error), entry.StartedAt, entry.DurationMs, entry.RuleLine, entry.Actor, entry.Decision, entry.DecisionLine, Convert.ToHexStringLower(entry.Hash));

        private static string Snake<T>(T value)
            where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

        private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/workflows/{id}/history", async (Id<Workflow> id, int? limit, string? cursor, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id, limit, cursor), cancellationToken)))
            .WithSummary("A run's journal: each attempt and why the run went on as it did, what was undone, and what operators did.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
}
