using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests;

/// <summary>Keeps every checkpoint as it would be written, and can be told to die at one of them.</summary>
internal sealed class RecordingServices : IRunServices
{
    public List<string> Checkpoints { get; } = [];

    public List<StepAttempt> Attempts { get; } = [];

    public List<bool> MustPersist { get; } = [];

    public Func<int, bool> DieAt { get; set; } = _ => false;

    public Func<string, Rule?> Rules { get; init; } = _ => null;

    public TimeSpan LongestPause { get; init; } = TimeSpan.MaxValue;

    public bool StopRequested { get; set; }

    public IEnumerable<string> Path => Attempts.Select(attempt => $"{attempt.Step}:{attempt.Status}");

    public Rule? FindRule(string name) => Rules(name);

    public ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken)
    {
        if (DieAt(Checkpoints.Count)) throw new NodeDiedException();
        Checkpoints.Add(RunStateJson.WriteText(state));
        Attempts.Add(attempt);
        MustPersist.Add(mustPersist);
        return ValueTask.CompletedTask;
    }
}

internal sealed class NodeDiedException : Exception;
