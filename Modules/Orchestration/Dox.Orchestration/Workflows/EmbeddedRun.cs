using Dox.Orchestration.Rules;
using Dox.SharedKernel.Errors;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Workflows;

/// <summary>What surrounds a run of an embedded rule: its caller waits, and nothing is kept.</summary>
internal sealed class EmbeddedRun(RuleBook rules) : IRunServices
{
    public TimeSpan LongestPause => TimeSpan.MaxValue;

    public bool StopRequested => false;

    public Rule? FindRule(string name) => rules.Find(name);

    public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Ends with the request, and at the deadline that it came with.</summary>
    public static CancellationTokenSource LimitOf(DateTimeOffset? deadline, TimeProvider clock, CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (deadline is not { } at) return limit;
        var left = at - clock.GetUtcNow();
        limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        return limit;
    }

    /// <exception cref="DoxException">It was refused or failed, with the status that its rule gave it; or it waits, which nobody could end.</exception>
    public static void DemandSuccess(Rule rule, RunState state)
    {
        if (state.Status == RunStatus.Success) return;
        if (!state.HasEnded)
            throw new DoxException(422, "embedded_rule_waits", $"{rule.Name} came to wait at '{state.Cursor}', which an embedded rule can't. Make it durable: mode: orchestrated.");
        var error = state.Error!;
        throw new DoxException(error.HttpStatus ?? 422, error.Code, error.Message)
        {
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["rule"] = rule.Name, ["step"] = error.Step ?? "" },
        };
    }
}
