using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Reference;

/// <summary>
/// What a host does for <c>run_workflow</c>, without a store: a run for each key, whichever node asks. The step waits for it first, and has its end once it
/// was told.
/// </summary>
internal sealed class ChildRuns
{
    private readonly Func<string, bool> _refuses;
    private readonly Dictionary<string, Rule> _rules;
    private readonly Dictionary<string, RunToEnd> _runs = new(StringComparer.Ordinal);

    public ChildRuns(IReadOnlyList<RandomStep> steps, TestVocabulary tests, Func<string, bool> refuses)
    {
        _refuses = refuses;
        tests.Vocabulary.Add(new ActionDefinition("run_workflow", "", [], StartAsync));
        _rules = RandomRule.StartersIn(steps).ToDictionary(step => step.ChildRule, step => RandomRule.ParseSteps(step.Lanes[0], tests, step.ChildRule), StringComparer.Ordinal);
    }

    /// <summary>Each begins with the rule.</summary>
    public IEnumerable<string> Journals => _runs.Values.Select(run => $"{run.Rule.Name}: {string.Join(' ', run.Journal)}");

    /// <summary>The keys of the runs.</summary>
    public IReadOnlyCollection<string> Keys => _runs.Keys;

    public Rule? Find(string name) => _rules.GetValueOrDefault(name);

    private async ValueTask<StepOutcome> StartAsync(StepCall call, CancellationToken cancellationToken)
    {
        if (!_runs.TryGetValue(call.IdempotencyKey, out var run))
        {
            run = new RunToEnd(Find(call.Text("rule"))!, _refuses, find: Find, input: call.Parameters["input"]!.DeepClone(), id: call.IdempotencyKey);
            _runs[call.IdempotencyKey] = run;
            await run.ToEnd();
        }

        if (call.Attempt == 1) return StepOutcome.WaitFor(WaitKind.Workflow, new JsonObject { ["key"] = call.IdempotencyKey });
        return run.State.Status == RunStatus.Success
            ? StepOutcome.Success(run.State.Output?.DeepClone())
            : StepOutcome.Failure(run.State.Error?.Code ?? "child_failed", run.State.Error?.Message ?? "It failed.", retryable: false);
    }
}
