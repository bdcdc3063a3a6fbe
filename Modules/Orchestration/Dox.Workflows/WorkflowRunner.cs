using System.Text.Json.Nodes;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows;

/// <summary>
/// Runs rules inside a service, without a host, a database or a bus: in the caller's process and request, in memory. A run ends with the
/// answer, or it waits for a person or an event and can be answered later with the same state.
/// </summary>
/// <param name="rules">The rules that can be run, by name.</param>
/// <param name="clock">The only source of time.</param>
/// <example>
/// <code>
/// var vocabulary = new Vocabulary().AddFunction("double", ["n"], arguments => JsonValues.TryDouble(arguments[0]) * 2);
/// var rules = RuleSet.Load(new RuleParser(vocabulary), "workflows");
/// var run = await new WorkflowRunner(rules, TimeProvider.System).RunAsync("my_rule", new JsonObject { ["n"] = 21 }, cancellationToken: ct);
/// </code>
/// </example>
public sealed class WorkflowRunner(RuleSet rules, TimeProvider clock)
{
    private readonly RuleInterpreter _interpreter = new(clock);
    private readonly InMemory _services = new(rules);

    /// <summary>Starts a rule and runs it until it ends or waits. Delays are sat out.</summary>
    /// <param name="rule">The rule's name; its newest version is taken.</param>
    /// <param name="input">What the run is given. It belongs to the run afterwards.</param>
    /// <param name="facts">What the caller knows (user, account, team): read as <c>run.…</c>.</param>
    /// <param name="runId">The run's id; it is the first part of every idempotency key. Absent: a new one.</param>
    /// <param name="cancellationToken">The request's: cancelling ends the run where it stands.</param>
    /// <returns>The whole run: status, output, error, step results.</returns>
    /// <exception cref="KeyNotFoundException">There is no such rule.</exception>
    public async ValueTask<RunState> RunAsync(
        string rule, JsonNode? input, JsonObject? facts = null, string? runId = null, CancellationToken cancellationToken = default)
    {
        var found = rules.Find(rule) ?? throw new KeyNotFoundException($"There is no rule '{rule}'.");
        var now = clock.GetUtcNow();
        var state = RunState.Start(found, runId ?? $"run_{Guid.CreateVersion7(now):N}", input, now, facts);
        await _interpreter.AdvanceAsync(found, state, _services, cancellationToken);
        return state;
    }

    /// <summary>Answers a run that waits, and runs it on.</summary>
    /// <returns>False when the run doesn't wait for this answer.</returns>
    /// <exception cref="KeyNotFoundException">The rule that the run was started with isn't there any more.</exception>
    public async ValueTask<bool> AnswerAsync(RunState state, WaitAnswer answer, CancellationToken cancellationToken = default)
    {
        var rule = rules.FindByHash(state.RuleHash) ?? throw new KeyNotFoundException($"There is no rule '{state.RuleName}' with the content that the run was started with.");
        if (_interpreter.Answer(rule, state, answer) is null) return false;
        await _interpreter.AdvanceAsync(rule, state, _services, cancellationToken);
        return true;
    }

    private sealed class InMemory(RuleSet rules) : IRunServices
    {
        public TimeSpan LongestPause => TimeSpan.MaxValue;

        public bool StopRequested => false;

        public Rule? FindRule(string name) => rules.Find(name);

        public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
