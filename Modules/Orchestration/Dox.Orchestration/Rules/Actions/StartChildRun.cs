using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Orchestration.Data;
using Dox.Orchestration.Engine;
using Dox.Orchestration.Engine.Storage;
using Dox.Orchestration.Workflows;
using Dox.SharedKernel.Ids;
using Dox.SharedKernel.Infrastructure.Dispatch;
using Dox.Workflows;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Orchestration.Rules.Actions;

/// <summary>
/// <c>run_workflow</c> of a durable rule: a run of its own, linked to the step that started it, once for each key. A step that waits looks after
/// it when it is told of its end, and now and then without.
/// </summary>
internal sealed class StartChildRun(ModuleCall modules, IServiceScopeFactory scopes, TimeProvider clock)
{
    private static readonly TimeSpan LooksAgain = TimeSpan.FromMinutes(5);

    private static readonly MessageType Start = new(
        "orchestration.start-workflow", typeof(StartWorkflow.Command), "Orchestration", MessageKind.Command, typeof(StartWorkflow.Result));

    public ActionDefinition Definition => new("run_workflow", "Starts a run of a durable rule.", [], ExecuteAsync);

    private async ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        var waits = JsonValues.TryBoolean(call.Parameters["wait"]) ?? true;
        if (!Id<Workflow>.TryParse(call.Run.RunId, null, out var parent))
            return StepOutcome.Failure("no_engine", $"'{call.Text("rule")}' is durable; a rule inside a step can't start it.", retryable: false);
        var input = (call.Parameters["input"] ?? new JsonObject()) as JsonObject ?? throw new StepParameterException("'input' must be a map of names to values.");
        var command = new StartWorkflow.Command(call.Text("rule"), (JsonObject)input.DeepClone())
        {
            IdempotencyKey = KeyOf(parent, call.Path, call.Visit),
            TriggeredBy = call.Run.RunId,
            Parent = new ParentStep(parent, call.Path, call.Visit, waits),
            Depth = Causation.DepthOf(call.Run) + 1,
        };
        var started = await modules.SendAsync(Start, command, call, cancellationToken);
        if (started is not StepOutcome.Succeeded { Output: JsonObject child }) return started;
        var link = new JsonObject { ["workflow_id"] = child["workflow_id"]?.DeepClone(), ["rule_name"] = child["rule_name"]?.DeepClone(), ["status"] = "started" };
        if (!waits) return StepOutcome.Success(link);

        var id = Id<Workflow>.Parse((string)link["workflow_id"]!, null);
        await using var scope = scopes.CreateAsyncScope();
        if (await scope.ServiceProvider.GetRequiredService<OrchestrationDbContext>().FindRunAsync(id, cancellationToken) is EndedRun ended) return OutcomeOf(ended);
        return StepOutcome.WaitFor(WaitKind.Workflow, link, clock.GetUtcNow() + LooksAgain);
    }

    /// <summary>The key of the start, from the step's own: a key has at most 200 characters, a path as many.</summary>
    public static string KeyOf(Id<Workflow> parent, string step, int visit) => $"child:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{parent}/{step}/{visit}")))}";

    /// <summary>What the step has of its child's end.</summary>
    public static StepOutcome OutcomeOf(EndedRun child)
    {
        var state = RunStateJson.Read(child.State);
        if (state.Status == RunStatus.Success) return StepOutcome.Success(state.Output?.DeepClone());
        var error = state.Error;
        return StepOutcome.Failure(
            error?.Code ?? "child_failed", $"{child.Id} ({child.RuleName}): {error?.Message ?? state.Status.ToString()}", error?.HttpStatus, error?.Details?.DeepClone(), retryable: false);
    }
}

/// <summary>The step that started a run.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Step">Its path.</param>
/// <param name="Visit">Its visit.</param>
/// <param name="Waits">Whether it waits for the end.</param>
internal sealed record ParentStep(Id<Workflow> Run, string Step, int Visit, bool Waits)
{
    private const string Fact = "parent";

    public JsonObject ToFact() => new() { ["workflow_id"] = Run.ToString(), ["step"] = Step, ["visit"] = Visit, ["waits"] = Waits };

    public void AddTo(JsonObject facts) => facts[Fact] = ToFact();

    public static ParentStep? Of(RunState state) =>
        state.Facts?[Fact] is JsonObject fact && Id<Workflow>.TryParse((string?)fact["workflow_id"], null, out var run)
            ? new(run, (string?)fact["step"] ?? "", (int?)JsonValues.TryDouble(fact["visit"]) ?? 0, JsonValues.TryBoolean(fact["waits"]) == true)
            : null;
}
