using System.Diagnostics;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Rules;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Audit;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Messages;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Workflows.Operations;

/// <summary>
/// Starts a new run from a step of one that ended, with what that one had when it came there; by the same rule, or by its newest version. The
/// new run has keys of its own: its steps' effects happen again. It undoes only what it did itself.
/// </summary>
internal static class ReplayWorkflow
{
    [Requires(Role.Operator)]
    public sealed record Command(Id<Workflow> Id, string? FromStep, string RuleVersion, string? Reason, string? IdempotencyKey) : ICommand<Result>;

    /// <param name="ReplayOf">The run that it begins in.</param>
    public sealed record Result(
        bool Success, Id<Workflow> WorkflowId, Id<Workflow> ReplayOf, string RuleName, string RuleVersion, string FromStep, string Status, bool Duplicate, DateTimeOffset Timestamp);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.RuleVersion).Must(version => version is "same" or "newest").WithErrorCode("invalid_rule_version")
                .WithMessage("rule_version is 'same' (the version that the run had) or 'newest'.");
            RuleFor(c => c.IdempotencyKey).MaximumLength(200).WithErrorCode("idempotency_key_too_long").WithMessage("An Idempotency-Key has at most 200 characters.");
            RuleFor(c => c.Reason).IsReason();
        }
    }

    public sealed class Handler(
        OrchestrationDbContext db, RuleBook rules, RunStarts starts, CallContext call, IOptions<EngineOptions> options, TimeProvider clock) : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var source = await db.FindVisibleRunAsync(command.Id, call.Caller, cancellationToken);
            if (!Verbs.StatesOf(Verb.Replay).Contains(source.Status)) throw Refusals.NotInState(Verb.Replay, source.Status);
            var keys = new StartKeys(source.Account, command.IdempotencyKey, workflowId: null);
            if (await EarlierAsync(command, keys, cancellationToken) is { } earlier) return earlier;

            var before = await rules.PinnedAsync(source.RuleHash, cancellationToken);
            var rule = command.RuleVersion == "same" ? before
                : rules.Find(source.RuleName) ?? throw new DoxException(404, "rule_not_found", $"There is no rule '{source.RuleName}' any more. rule_version 'same' takes the one that the run had.");
            var state = RunStateJson.Read(source.State);
            var journal = await db.Journal.AsNoTracking().Where(e => e.WorkflowId == source.Id).OrderBy(e => e.Sequence).ToListAsync(cancellationToken);
            var from = command.FromStep ?? state.Error?.Step?.Split('/')[0]
                ?? throw DoxException.Invalid("from_step_missing", $"Name in from_step the step to begin with. The run came to {Names(journal, rule)}.");
            if (rule.Steps.All(step => step.Name != from))
                throw new DoxException(422, "unknown_step", $"{rule} has no step '{from}'. The run came to {Names(journal, rule)}.");
            var came = journal.FindLast(e => e.Kind == JournalKind.Attempt && e.Step == from);
            if (came is null && before.Steps.Any(step => step.Name == from))
                throw new DoxException(422, "step_not_reached", $"The run never came to '{from}', so there is nothing to begin it with. It came to {Names(journal, rule)}.");

            var run = New(source, state, rule, call.Caller.User);
            var earlierSteps = came is null ? journal : journal.TakeWhile(e => e.Kind != JournalKind.Attempt || e.Step != from || e.Visit != came.Visit);
            JournalReading.Follow(new RunTrace(rule, run.State), earlierSteps, from);
            var audit = new AuditRecord(
                call.Caller, source.Account, $"workflow.{Verbs.Name(Verb.Replay)}", source.Id.ToString(), command.Reason, Verbs.Name(source.Status), Verbs.Name(source.Status),
                new JsonObject { ["replayed_as"] = run.Id.ToString(), ["from_step"] = from, ["rule_version"] = rule.Version });
            return await starts.TryStartAsync(run, keys, audit)
                ? Answer(command, run.Id, rule, from, duplicate: false)
                : await EarlierAsync(command, keys, CancellationToken.None) ?? throw DoxException.Conflict("workflow_id_taken", "The run was started by somebody else just now.");
        }

        private HeldRun New(RunRow source, RunState state, Rule rule, string by)
        {
            var now = clock.GetUtcNow();
            // On behalf of whoever started the first one: what the new run makes is that account's
            var owner = new Caller(source.User, source.Account, [Role.System], []);
            var run = HeldRun.New(
                rule, Id<Workflow>.New(clock), owner, source.DocumentId, (JsonObject?)state.Input?.DeepClone() ?? [], Activity.Current?.Id, now, options.Value.DefaultTeam);
            foreach (var (name, value) in state.Facts ?? []) run.State.Facts![name] = value?.DeepClone();
            (run.State.Facts!["replay_of"], run.State.Facts["replayed_by"]) = (source.Id.ToString(), by);
            return run;
        }

        private async Task<Result?> EarlierAsync(Command command, StartKeys keys, CancellationToken cancellationToken)
        {
            if (await keys.FindAsync(db, cancellationToken) is not { } first) return null;
            var run = await db.FindRunAsync(first.WorkflowId, cancellationToken);
            var facts = run is null ? null : RunStateJson.Read(run.State).Facts;
            if ((string?)facts?["replay_of"] != command.Id.ToString()) throw keys.Reused(first);
            return new(true, run!.Id, command.Id, run.RuleName, run.RuleVersion, command.FromStep ?? "", "started", Duplicate: true, clock.GetUtcNow());
        }

        private Result Answer(Command command, Id<Workflow> id, Rule rule, string from, bool duplicate) =>
            new(true, id, command.Id, rule.Name, rule.Version, from, "started", duplicate, clock.GetUtcNow());

        private static string Names(IEnumerable<JournalEntry> journal, Rule rule) => string.Join(
            ", ", journal.Where(e => e.Kind == JournalKind.Attempt && rule.Steps.Any(step => step.Name == e.Step)).Select(e => $"'{e.Step}'").Distinct(StringComparer.Ordinal));
    }

    /// <param name="FromStep">The step to begin with; left out, the one that failed.</param>
    /// <param name="RuleVersion"><c>same</c>, the version that the run had, or <c>newest</c>.</param>
    /// <param name="Reason">Why, in words; history and audit tell it.</param>
    internal sealed record Body(string? FromStep = null, string RuleVersion = "same", string? Reason = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/workflows/{id}/replay", async (
                Id<Workflow> id, Body? body, [FromHeader(Name = "Idempotency-Key")] string? key, HttpResponse response, IMediator mediator, CancellationToken cancellationToken) =>
            {
                var started = await mediator.Send(new Command(id, body?.FromStep, body?.RuleVersion ?? "same", body?.Reason, key), cancellationToken);
                response.Headers.Location = $"/api/v1/workflows/{started.WorkflowId}";
                return Results.Json(started, statusCode: started.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created);
            })
            .WithSummary("Start a new run from a step of one that ended.")
            .WithDescription("It has the earlier run's input, and the results of the steps before; effects of its own steps happen again. rule_version 'newest' takes the rule as it is now.")
            .Produces<Result>(StatusCodes.Status201Created)
            .Produces<Result>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
}
