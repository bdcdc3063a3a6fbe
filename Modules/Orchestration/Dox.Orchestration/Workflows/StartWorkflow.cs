using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Rules;
using Dox.Orchestration.Rules.Actions;
using Dox.Orchestration.Services;
using Dox.SharedKernel.Access;
using Dox.SharedKernel.Errors;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.SharedKernel.Infrastructure.Http;
using Dox.SharedKernel.Messages;
using Dox.Validation.Contracts;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Workflows;

/// <summary>
/// Starts a run of a rule for the caller's account: what HTTP, a schedule, an event and another rule's end all do. A durable run is written
/// down and given to the engine; an embedded one is run here, and its outcome is the answer.
/// </summary>
internal static class StartWorkflow
{
    private const int LongestKey = 200;
    private const int LongestWorkflowId = 150;

    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    /// <param name="RuleName">The newest version of it is started.</param>
    /// <param name="Context">What the run is given. It belongs to the run afterwards.</param>
    [Requires(Role.Submitter, Role.Operator)]
    public sealed record Command(string RuleName, JsonObject Context) : ICommand<Result>
    {
        /// <summary>The starter's own name for the run: an id of ours becomes the run's id, any other text a key that starts one run.</summary>
        public string? WorkflowId { get; init; }

        /// <summary>Whoever comes with the same key gets the run that the first one started.</summary>
        public string? IdempotencyKey { get; init; }

        /// <summary>What starts it; expressions read it as <c>run.trigger</c>.</summary>
        public RuleTriggerType Trigger { get; init; } = RuleTriggerType.Manual;

        /// <summary>The step that starts it, of another run; <c>run.parent</c>.</summary>
        public ParentStep? Parent { get; init; }

        /// <summary>How deep the run lies in a row of runs that started each other; 0: it is none's.</summary>
        public int Depth { get; init; }

        /// <summary>Whether the answer waits for the run's first checkpoint, for a bounded time: then its row tells what the first step came to.</summary>
        public bool UntilCheckpoint { get; init; }

        /// <summary>The event, the cron expression, the request, or the run that starts it; <c>run.triggered_by</c>.</summary>
        public string? TriggeredBy { get; init; }
    }

    /// <param name="Status"><c>started</c>; of an embedded rule <c>success</c>.</param>
    /// <param name="Duplicate">An earlier start with the same key made this run.</param>
    /// <param name="Output">Of an embedded rule: what it returned.</param>
    /// <param name="StepResults">Of an embedded rule.</param>
    public sealed record Result(
        bool Success, Id<Workflow> WorkflowId, string RuleName, string RuleVersion, string Status, bool Duplicate, DateTimeOffset Timestamp,
        JsonNode? Output = null, IReadOnlyDictionary<string, StepView>? StepResults = null);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.RuleName).NotEmpty().WithErrorCode("rule_name_missing").WithMessage("Name the rule in rule_name. GET /api/v1/rules lists the rules.");
            RuleFor(c => c.IdempotencyKey).MaximumLength(LongestKey).WithErrorCode("idempotency_key_too_long")
                .WithMessage($"An Idempotency-Key has at most {LongestKey} characters.");
            RuleFor(c => c.WorkflowId).Must(id => id is null || (id.Length is > 0 and <= LongestWorkflowId && !id.Any(char.IsControl)))
                .WithErrorCode("invalid_workflow_id")
                .WithMessage($"workflow_id has 1 to {LongestWorkflowId} characters, none of them a control character. Leave it out where the run needs no name of yours.");
        }
    }

    public sealed class Handler(
        OrchestrationDbContext db, RuleBook rules, RuleInterpreter interpreter, ServiceHealth health, RunStarts starts, CallContext call, IMediator mediator,
        IOptions<EngineOptions> options, TimeProvider clock)
        : IRequestHandler<Command, Result>
    {
        public async Task<Result> Handle(Command command, CancellationToken cancellationToken)
        {
            var rule = rules.Find(command.RuleName)
                ?? throw new DoxException(404, "rule_not_found", $"There is no rule '{command.RuleName}'. GET /api/v1/rules lists the rules.");
            var keys = new StartKeys(call.Caller.Account, command.IdempotencyKey, command.WorkflowId);
            if (await EarlierAsync(command, keys, cancellationToken) is { } earlier) return earlier;

            Causation.Demand(rule.Name, command.Depth, options.Value.MaxCausationDepth);
            var now = clock.GetUtcNow();
            var run = HeldRun.New(rule, keys.RunId(rule, now), call.Caller, document: null, command.Context, Activity.Current?.Id, now, options.Value.DefaultTeam);
            run.State.Facts!["trigger"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(command.Trigger.ToString());
            if (command.TriggeredBy is { } by) run.State.Facts["triggered_by"] = by;
            Causation.SetDepth(run.State.Facts, command.Depth);
            command.Parent?.AddTo(run.State.Facts);
            var quota = StartConditions.AsksForQuota(rule) ? (await mediator.Send(new GetIntakePolicy(), cancellationToken)).RateLimit : null;
            StartConditions.Demand(rule, run.State, call.Caller, interpreter, health.AreReady, quota);
            if (rule.Mode == RuleMode.Embedded) return await RunAsync(rule, run, cancellationToken);
            var checkpoint = command.UntilCheckpoint ? run.WhenCheckpointed() : Task.CompletedTask;
            if (await starts.TryStartAsync(run, keys))
            {
                // One that waits for room begins whenever there is some, on any node
                if (run.IsLeased) await AtMostAsync(checkpoint, cancellationToken);
                return Started(run.Id, rule.Name, rule.Version, duplicate: false);
            }

            return await EarlierAsync(command, keys, CancellationToken.None)
                ?? throw DoxException.Conflict("workflow_id_taken", $"There is a run '{command.WorkflowId}' already. Choose another workflow_id, or leave it out.");
        }

        private async Task AtMostAsync(Task checkpoint, CancellationToken cancellationToken)
        {
            try
            {
                await checkpoint.WaitAsync(s_longestWait, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The run goes on all the same; whoever asked is told where to look.
            }
        }

        private async Task<Result?> EarlierAsync(Command command, StartKeys keys, CancellationToken cancellationToken)
        {
            if (await keys.FindAsync(db, cancellationToken) is not { } first) return null;
            var run = await db.FindRunAsync(first.WorkflowId, cancellationToken)
                ?? throw new DoxException(410, "workflow_gone", $"The run '{first.WorkflowId}' that this key started is no longer kept. Use a new key to start another one.");
            if (run.RuleName != command.RuleName || !JsonNode.DeepEquals(RunStateJson.Read(run.State).Input, command.Context)) throw keys.Reused(first);
            return Started(run.Id, run.RuleName, run.RuleVersion, duplicate: true);
        }

        private Result Started(Id<Workflow> id, string rule, string version, bool duplicate) => new(true, id, rule, version, "started", duplicate, clock.GetUtcNow());

        private async Task<Result> RunAsync(Rule rule, HeldRun run, CancellationToken cancellationToken)
        {
            using var limit = EmbeddedRun.LimitOf(call.Deadline, clock, cancellationToken);
            try
            {
                await interpreter.AdvanceAsync(rule, run.State, new EmbeddedRun(rules), limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw DoxException.TimedOut($"{rule.Name} wasn't done before the request's deadline. Nothing is kept of it.");
            }

            EmbeddedRun.DemandSuccess(rule, run.State);
            return new(
                true, run.Id, rule.Name, rule.Version, "success", Duplicate: false, clock.GetUtcNow(), run.State.Output,
                run.State.Steps.ToDictionary(s => s.Key, s => StepView.Of(s.Value), StringComparer.Ordinal));
        }
    }

    /// <param name="RuleName">Which rule.</param>
    /// <param name="Context">What the run is given; expressions read its keys as names.</param>
    /// <param name="WorkflowId">Your own name for the run: starting twice with it starts one run.</param>
    internal sealed record Body(string? RuleName = null, JsonObject? Context = null, string? WorkflowId = null);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/workflows", async (Body body, [FromHeader(Name = "Idempotency-Key")] string? key, HttpResponse response, IMediator mediator, QueueLag lag, CancellationToken cancellationToken) =>
            {
                lag.Demand();
                var started = await mediator.Send(new Command(body.RuleName ?? "", body.Context ?? []) { WorkflowId = body.WorkflowId, IdempotencyKey = key }, cancellationToken);
                if (started.StepResults is not null) return Results.Ok(started);
                response.Headers.Location = $"/api/v1/workflows/{started.WorkflowId}";
                return Results.Json(started, statusCode: started.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created);
            })
            .Counts(CountedUse.WorkflowStarts)
            .WithSummary("Start a run of a rule.")
            .WithDescription("201 with the new run, which goes on by itself; 200 with the run that the same Idempotency-Key or workflow_id started earlier. An embedded rule is run in the request: 200 with its output, or a problem with what it was refused for.")
            .Produces<Result>(StatusCodes.Status201Created)
            .Produces<Result>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
}
