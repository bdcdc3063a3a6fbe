using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
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
    public sealed record Query(Id<Workflow> Id) : IQuery<Result>;

    /// <param name="ChainValid">Whether each entry's hash is the one that it must have after the entry before it.</param>
    public sealed record Result(bool Success, Id<Workflow> WorkflowId, bool ChainValid, IReadOnlyList<Entry> Entries, DateTimeOffset Timestamp);

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
            var journal = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == query.Id).OrderBy(e => e.Sequence).ToListAsync(cancellationToken);
            return new(true, run.Id, JournalEntry.IsChained(journal), [.. journal.Select(EntryOf)], clock.GetUtcNow());
        }

        private static Entry EntryOf(JournalEntry entry) => new(
            entry.Sequence, Snake(entry.Kind), entry.Step, entry.Action, entry.Visit, entry.Attempt, Snake(entry.Status),
            Parse(entry.Input), Parse(entry.Output), Parse(entry.Error), entry.StartedAt, entry.DurationMs, entry.RuleLine, entry.Actor, entry.Decision, entry.DecisionLine, Convert.ToHexStringLower(entry.Hash));

        private static string Snake<T>(T value)
            where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

        private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/workflows/{id}/history", async (Id<Workflow> id, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(new Query(id), cancellationToken)))
            .WithSummary("A run's journal: each attempt and why the run went on as it did, what was undone, and what operators did.")
            .ProducesProblem(StatusCodes.Status404NotFound);
}
