using System.Collections.Frozen;
using System.Text.Json;
using Dox.Workflows.Interpretation;

namespace Dox.Orchestration.Engine.Operations;

/// <summary>What an operator can do to a run.</summary>
internal enum Verb
{
    /// <summary>Hold it before its next step.</summary>
    Pause,

    /// <summary>Let it go on.</summary>
    Resume,

    /// <summary>End it.</summary>
    Cancel,

    /// <summary>Try the step that failed once more.</summary>
    Retry,

    /// <summary>Pass a step over.</summary>
    Skip,

    /// <summary>Give it the event that it waits for.</summary>
    Signal,

    /// <summary>Change its context.</summary>
    Context,

    /// <summary>Start a new run from one of its steps.</summary>
    Replay,
}

/// <summary>Which verbs a run's state allows. Success and cancelled are final; replay starts another run.</summary>
internal static class Verbs
{
    private static readonly FrozenDictionary<Verb, RunStatus[]> States = new Dictionary<Verb, RunStatus[]>
    {
        [Verb.Pause] = [RunStatus.Pending, RunStatus.Running, RunStatus.Retry, RunStatus.Waiting, RunStatus.WaitingForHuman],
        [Verb.Resume] = [RunStatus.Paused],
        [Verb.Cancel] = [RunStatus.Pending, RunStatus.Running, RunStatus.Retry, RunStatus.Waiting, RunStatus.WaitingForHuman, RunStatus.Paused],
        [Verb.Retry] = [RunStatus.Failed, RunStatus.Escalated, RunStatus.Retry, RunStatus.Waiting, RunStatus.WaitingForHuman],
        [Verb.Skip] = [RunStatus.Failed, RunStatus.Escalated, RunStatus.Retry, RunStatus.Waiting, RunStatus.WaitingForHuman, RunStatus.Paused],
        [Verb.Signal] = [RunStatus.Waiting, RunStatus.WaitingForHuman, RunStatus.Paused],
        [Verb.Context] = [RunStatus.Retry, RunStatus.Waiting, RunStatus.WaitingForHuman, RunStatus.Paused],
        [Verb.Replay] = [RunStatus.Success, RunStatus.Failed, RunStatus.Escalated, RunStatus.Cancelled],
    }.ToFrozenDictionary();

    /// <summary>The states in which it can be done.</summary>
    public static IReadOnlyList<RunStatus> StatesOf(Verb verb) => States[verb];

    /// <summary>What can be done in the state.</summary>
    public static IEnumerable<Verb> In(RunStatus state) => Enum.GetValues<Verb>().Where(verb => States[verb].Contains(state));

    public static string Name(Verb verb) => JsonNamingPolicy.SnakeCaseLower.ConvertName(verb.ToString());

    public static string Name(RunStatus state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());
}
