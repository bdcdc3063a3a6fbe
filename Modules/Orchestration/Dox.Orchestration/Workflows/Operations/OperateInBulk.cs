using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Interpretation;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Dox.Orchestration.Workflows.Operations;

/// <summary>
/// One verb over many runs, a page at a time: those of a list, or those that a filter finds and whose state allows it, oldest first. Each is
/// done, and audited, by itself; what can't be done is said, and the others go on. The cursor leads on, also after an answer that was lost.
/// </summary>
internal static class OperateInBulk
{
    private const string Filterless = "Say over which runs: workflow_ids, or a filter with at least one of status, rule, service, account, from, to.";

    [Requires(Role.Operator)]
    public sealed record Command(Verb Verb, Filter? Filter = null, IReadOnlyList<Id<Workflow>>? WorkflowIds = null) : ICommand<Result>
    {
        public string? Reason { get; init; }

        public bool Rollback { get; init; }

        public string? Event { get; init; }

        public JsonObject? Data { get; init; }

        public bool DryRun { get; init; }

        public int? Limit { get; init; }

        public string? Cursor { get; init; }
    }

    /// <summary>Which runs. All that is given must hold.</summary>
    /// <param name="From">Started not before then.</param>
    /// <param name="To">Started before then.</param>
    public sealed record Filter(
        RunStatus? Status = null, string? Rule = null, string? Service = null, string? Account = null, DateTimeOffset? From = null, DateTimeOffset? To = null)
    {
        public bool IsEmpty => this == new Filter();
    }

    /// <param name="Outcome"><c>done</c>, <c>pending</c> (before its next step), <c>possible</c> (a dry run), <c>refused</c> or <c>not_found</c>.</param>
    public sealed record Item(Id<Workflow> WorkflowId, string Outcome, string? PreviousStatus, string? Status, string? Code = null, string? Message = null);

    /// <param name="NextCursor">Null: that was the last page.</param>
    public sealed record Result(bool Success, string Verb, bool DryRun, IReadOnlyList<Item> Results, int Count, string? NextCursor, DateTimeOffset Timestamp);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Verb).NotEqual(Verb.Replay).WithErrorCode("invalid_verb").WithMessage("verb is pause, resume, cancel, retry, skip, signal or context; runs are replayed one by one.");
            RuleFor(c => c).Must(c => c.WorkflowIds is { Count: > 0 } || c.Filter is { IsEmpty: false }).WithErrorCode("filter_missing").WithMessage(Filterless);
            RuleFor(c => c).Must(c => c.WorkflowIds is null || c.Filter is null).WithErrorCode("filter_and_list").WithMessage("Give workflow_ids or filter, not both.");
            RuleFor(c => c.WorkflowIds).Must(ids => ids is null || ids.Count <= Page.Most).WithErrorCode("too_many_workflow_ids").WithMessage($"workflow_ids has at most {Page.Most} ids; send the others after them.");
            RuleFor(c => c.Reason).IsReason();
            RuleFor(c => c.Reason).NotEmpty().When(c => c.Verb == Verb.Skip).WithErrorCode("reason_missing").WithMessage("Say why in reason: history and audit tell it.");
            RuleFor(c => c.Event).NotEmpty().When(c => c.Verb == Verb.Signal).WithErrorCode("event_missing").WithMessage("Name in event the event that the runs wait for.");
            RuleFor(c => c.Data).NotEmpty().When(c => c.Verb == Verb.Context).WithErrorCode("context_missing").WithMessage("Say in data what is to change, as a JSON merge patch.");
        }
    }

    public sealed class Handler(OrchestrationDbContext db, RunOperations operations, CallContext call, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var size = Page.Size(command.Limit);
            var (runs, missing, more) = command.WorkflowIds is { } ids ? await ListedAsync(ids, cancellationToken) : await FoundAsync(command, size, cancellationToken);
            var results = missing.Select(id => new Item(id, "not_found", null, null, "workflow_not_found", $"There is no workflow '{id}'.")).ToList();
            foreach (var (id, status) in runs) results.Add(await DoAsync(command, id, status, cancellationToken));
            return new(true, Verbs.Name(command.Verb), command.DryRun, results, results.Count, more ? Page.Behind(runs[^1].Id.ToString()) : null, clock.GetUtcNow());
        }

        private async Task<Item> DoAsync(Command command, Id<Workflow> id, RunStatus status, CancellationToken cancellationToken)
        {
            try
            {
                if (command.DryRun)
                {
                    if (!Verbs.StatesOf(command.Verb).Contains(status)) throw Refusals.NotInState(command.Verb, status);
                    return new(id, "possible", Verbs.Name(status), Verbs.Name(status));
                }

                var request = new OperationRequest(command.Verb, id, call.Caller)
                {
                    Reason = command.Reason,
                    Rollback = command.Rollback,
                    Event = command.Event,
                    Data = (JsonObject?)command.Data?.DeepClone(),
                };
                var done = await operations.DoAsync(request, cancellationToken);
                return new(id, done.IsPending ? "pending" : "done", Verbs.Name(done.From), Verbs.Name(done.To));
            }
            catch (DoxException e) when (e.Status < 500)
            {
                return new(id, e.Status == 404 ? "not_found" : "refused", Verbs.Name(status), Verbs.Name(status), e.Code, e.Message);
            }
        }

        private async Task<(List<(Id<Workflow> Id, RunStatus Status)> Runs, IReadOnlyList<Id<Workflow>> Missing, bool More)> ListedAsync(
            IReadOnlyList<Id<Workflow>> ids, CancellationToken cancellationToken)
        {
            var known = await db.FindRunsAsync([.. ids.Distinct()], cancellationToken);
            return ([.. ids.Distinct().Where(known.ContainsKey).Select(id => (id, known[id].Status))], [.. ids.Distinct().Where(id => !known.ContainsKey(id))], false);
        }

        private async Task<(List<(Id<Workflow> Id, RunStatus Status)> Runs, IReadOnlyList<Id<Workflow>> Missing, bool More)> FoundAsync(
            Command command, int size, CancellationToken cancellationToken)
        {
            var open = await Matching(db.OpenRuns.AsNoTracking(), command).OrderBy(r => r.Id).Take(size + 1).Select(r => new { r.Id, r.Status }).ToListAsync(cancellationToken);
            var ended = await Matching(db.EndedRuns.AsNoTracking(), command).OrderBy(r => r.Id).Take(size + 1).Select(r => new { r.Id, r.Status }).ToListAsync(cancellationToken);
            var found = open.Concat(ended).DistinctBy(r => r.Id).OrderBy(r => r.Id).Select(r => (r.Id, r.Status)).ToList();
            return ([.. found.Take(size)], [], found.Count > size);
        }

        private static IQueryable<TRow> Matching<TRow>(IQueryable<TRow> runs, Command command)
            where TRow : RunRow
        {
            var filter = command.Filter!;
            var states = Verbs.StatesOf(command.Verb).ToList();
            runs = filter.Status is { } status ? runs.Where(r => r.Status == status) : runs.Where(r => states.Contains(r.Status));
            if (filter.Rule is { } rule) runs = runs.Where(r => r.RuleName == rule);
            if (filter.Service is { } service) runs = runs.Where(r => r.Service == service);
            if (filter.Account is { } account) runs = runs.Where(r => r.Account == account);
            if (filter.From?.ToUniversalTime() is { } from) runs = runs.Where(r => r.StartedAt >= from);
            if (filter.To?.ToUniversalTime() is { } to) runs = runs.Where(r => r.StartedAt < to);
            if (Page.Read(command.Cursor) is not { } behind) return runs;
            return Id<Workflow>.TryParse(behind, null, out var last) ? runs.Where(r => r.Id > last) : throw Page.InvalidCursor();
        }
    }

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/workflows/bulk", async (Command command, IMediator mediator, CancellationToken cancellationToken) =>
                TypedResults.Ok(await mediator.Send(command, cancellationToken)))
            .WithSummary("One verb over many runs.")
            .WithDescription("Over workflow_ids, or over what a filter finds, a page at a time (limit, cursor): a result for each run. With dry_run nothing is done, and said what would be.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden);
}
