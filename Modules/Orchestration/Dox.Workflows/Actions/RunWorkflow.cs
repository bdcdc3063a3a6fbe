using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Simulation;

namespace Dox.Workflows.Actions;

/// <summary>
/// <c>run_workflow</c>: an embedded rule runs inside this step and its output is the step's; a durable one is started by the host's own
/// handler of that name.
/// </summary>
internal sealed class RunWorkflow(MapTemplate parameters, ActionDefinition? host) : ParameterOperation(parameters)
{
    private const int DeepestNesting = 8;

    public static readonly BuiltInAction Definition = new(
        "run_workflow", "Runs another rule; with wait (the default) its output is the step's result.",
        [new VocabularyParameter("rule", Required: true), new VocabularyParameter("input"), new VocabularyParameter("wait")],
        Compile, Open: true);

    /// <summary>The rule's name, when it doesn't depend on the run.</summary>
    public string? ConstantRule => Parameters["rule"]?.TryConstant(out var name) == true ? JsonValues.TryString(name) : null;

    public override bool HasEffect => host?.HasEffect ?? false;

    public override ValueTask<StepOutcome> ExecuteAsync(StepCall call, CancellationToken cancellationToken)
    {
        // A simulation may know what the rule inside comes to as a whole
        if (call.Services is SimulatedRun simulated && simulated.KnownOutcome(call) is { } known) return new(known);
        var name = call.Text("rule");
        var rule = call.Services.FindRule(name);
        if (rule is null) return new(StepOutcome.Failure("unknown_rule", $"There is no rule '{name}'.", retryable: false));
        if (rule.Mode == RuleMode.Embedded) return RunInlineAsync(call, rule, cancellationToken);
        return host is null
            ? new(StepOutcome.Failure("no_engine", $"'{name}' is durable, and nothing here can keep it.", retryable: false))
            : host.Handler(call, cancellationToken);
    }

    private static async ValueTask<StepOutcome> RunInlineAsync(StepCall call, Rule rule, CancellationToken cancellationToken)
    {
        var depth = (call.Services as InlineRun)?.Depth ?? 0;
        if (depth >= DeepestNesting) return StepOutcome.Failure("nested_too_deep", $"Rules call each other more than {DeepestNesting} deep.", retryable: false);
        var child = RunState.Start(rule, call.IdempotencyKey, call.Parameters["input"]?.DeepClone(), call.ReachedAt, (JsonObject?)call.Run.Facts?.DeepClone());
        child.IsInline = true;
        await call.Interpreter.AdvanceAsync(rule, child, new InlineRun(call.Services, call.FullPath, depth + 1), cancellationToken);
        return child.Status switch
        {
            RunStatus.Success => StepOutcome.Success(child.Output),
            RunStatus.Failed or RunStatus.Escalated => StepOutcome.Failure(
                child.Error!.Code, child.Error.Message, child.Error.HttpStatus, child.Error.Details, retryable: !child.Error.Rejected),
            _ => StepOutcome.Failure("child_waits", $"'{rule.Name}' waits, which a rule inside a step can't.", retryable: false),
        };
    }

    private static RunWorkflow Compile(StepSource step) =>
        new(step.Compile(), step.Vocabulary.Actions.GetValueOrDefault("run_workflow"));
}

/// <summary>What surrounds a rule inside a step. It keeps nothing and waits in memory; if its parent stops, the step that holds both runs again.</summary>
internal sealed class InlineRun(IRunServices parent, string path, int depth) : IRunServices
{
    public int Depth { get; } = depth;

    /// <summary>The path of the step that runs it.</summary>
    public string Path { get; } = path;

    public TimeSpan LongestPause => TimeSpan.MaxValue;

    public bool StopRequested => false;

    public Rule? FindRule(string name) => parent.FindRule(name);

    public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
