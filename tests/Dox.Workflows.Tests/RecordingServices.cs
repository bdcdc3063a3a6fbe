using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests;

/// <summary>Keeps every checkpoint as it would be written, and can be told to die at one of them.</summary>
internal sealed class RecordingServices : IRunServices
{
    private int _writing;

    public List<string> Checkpoints { get; } = [];

    public List<StepAttempt> Attempts { get; } = [];

    public List<bool> MustPersist { get; } = [];

    public Func<int, bool> DieAt { get; set; } = _ => false;

    public Func<string, Rule?> Rules { get; init; } = _ => null;

    public TimeSpan LongestPause { get; init; } = TimeSpan.MaxValue;

    /// <summary>How long a checkpoint takes, for tests in which several could meet.</summary>
    public TimeSpan LongestCheckpoint { get; init; } = TimeSpan.Zero;

    public int MostAtOnce { get; private set; }

    public bool StopRequested { get; set; }

    public IEnumerable<string> Path => Attempts.Select(attempt => $"{attempt.Step}:{attempt.Status}");

    public Rule? FindRule(string name) => Rules(name);

    public async ValueTask CheckpointAsync(Rule rule, RunState state, StepAttempt attempt, bool mustPersist, CancellationToken cancellationToken)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _writing));
        if (LongestCheckpoint > TimeSpan.Zero) await Task.Delay(LongestCheckpoint, TimeProvider.System, cancellationToken);
        Interlocked.Decrement(ref _writing);
        if (DieAt(Checkpoints.Count)) throw new NodeDiedException();
        Checkpoints.Add(RunStateJson.WriteText(state));
        Attempts.Add(attempt);
        MustPersist.Add(mustPersist);
    }
}

internal sealed class NodeDiedException : Exception;
