using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Dox.Workflows.Interpretation;

/// <summary>One line of steps that is followed: the run itself, or a lane of a <c>parallel</c> or <c>for_each</c> step in it.</summary>
#pragma warning disable MA0016 // The interpreter fills these collections, and the generated serialiser needs to know what to make
public abstract class Track
{
    /// <summary>Where it stands.</summary>
    public RunStatus Status { get; set; } = RunStatus.Pending;

    /// <summary>The step that is next, or that is waiting; null once it ended.</summary>
    public string? Cursor { get; set; }

    /// <summary>Attempts made of the step at the cursor in its present visit; 0 before the first.</summary>
    public int Attempt { get; set; }

    /// <summary>
    /// When the step at the cursor was reached, UTC: what its expressions see as the time. Each attempt of it, on whichever node, asks the
    /// same thing with the same key. Null: when the run started.
    /// </summary>
    public DateTimeOffset? ReachedAt { get; set; }

    /// <summary>Names that its steps produced, flat.</summary>
    public Dictionary<string, JsonNode?> Context { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The latest result of each of its steps that was run or skipped, in the order of their first visits.</summary>
    public Dictionary<string, StepResult> Steps { get; init; } = new(StringComparer.Ordinal);

    /// <summary>When it goes on by itself: a retry's delay, a timer, the time-out of an event. Null: at once, or not before it is answered.</summary>
    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>What its own step waits for; what its lanes wait for is theirs (<see cref="RunState.Waits"/>).</summary>
    public Wait? Wait { get; set; }

    /// <summary>Why it failed, was refused or escalated; while it still runs, the failure that it is dealing with.</summary>
    public RunError? Error { get; set; }

    /// <summary>A step that a <c>retry_logic</c> step is running again.</summary>
    public Rerun? Rerun { get; set; }

    /// <summary>The lanes of the <c>parallel</c> or <c>for_each</c> step at the cursor, while they are followed.</summary>
    public FanOut? FanOut { get; set; }

    /// <summary>How far lanes have counted their visits, by the name of the step that they belong to; null before the first.</summary>
    public Dictionary<string, LaneVisits>? LaneVisits { get; set; }

    /// <summary>All names that its steps produced, as one map.</summary>
    internal JsonObject Everything()
    {
        var output = new JsonObject();
        foreach (var (name, value) in Context) output[name] = value?.DeepClone();
        return output;
    }

    /// <summary>How often a step was begun; a loop visits a step again, an attempt after a failure doesn't. 0: not yet.</summary>
    public int VisitsOf(string step) => Steps.TryGetValue(step, out var result) ? result.Visit : 0;

    /// <summary>Nothing will happen on it any more, unless an operator reopens the run.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is RunStatus.Success or RunStatus.Failed or RunStatus.Cancelled or RunStatus.Escalated;

    /// <summary>Nothing can be done before <see cref="WakeAt"/> or, where that is null, before an answer: what it, or each of its lanes, does is wait.</summary>
    [JsonIgnore]
    public bool IsWaiting => Wait is not null || (FanOut is not null && Status is RunStatus.Waiting or RunStatus.WaitingForHuman);
}

/// <summary>Lanes of one step, which are followed side by side.</summary>
public sealed class FanOut
{
    /// <summary>The step that they belong to.</summary>
    public required string Step { get; init; }

    /// <summary>Its visit.</summary>
    public required int Visit { get; init; }

    /// <summary>Its attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>When the attempt began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it is given up, UTC; null: never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>How many lanes there are.</summary>
    public required int Total { get; init; }

    /// <summary>How many are followed at once.</summary>
    public required int AtOnce { get; init; }

    /// <summary>How many must succeed.</summary>
    public required int Needed { get; init; }

    /// <summary>Of a <c>for_each</c>: its items, one for each lane.</summary>
    public JsonArray? Items { get; init; }

    /// <summary>How many lanes were begun.</summary>
    public int Begun { get; set; }

    /// <summary>The lanes that were begun and haven't ended.</summary>
    public List<Lane> Lanes { get; init; } = [];

    /// <summary>What the lanes that succeeded returned, by name.</summary>
    public Dictionary<string, JsonNode?> Results { get; init; } = new(StringComparer.Ordinal);

    /// <summary>How many failed.</summary>
    public int Failed { get; set; }

    /// <summary>Why the first of these failed.</summary>
    public RunError? Error { get; set; }

    /// <summary>Its lanes' visits are counted from here, so that keys of another visit's lanes are never met again.</summary>
    public int VisitsFrom { get; init; }

    /// <summary>The highest visit that a lane which ended has counted.</summary>
    public int VisitsTo { get; set; }

    /// <summary>Enough lanes succeeded, or so many failed that they can't.</summary>
    [JsonIgnore]
    public bool IsDecided => Results.Count >= Needed || Total - Failed < Needed;

    /// <summary>Another lane may be begun.</summary>
    [JsonIgnore]
    public bool HasRoom => Begun < Total && Lanes.Count < AtOnce;
}

/// <summary>A lane that was begun and hasn't ended.</summary>
public sealed class Lane : Track
{
    /// <summary>The branch's name, or the item's index: part of the path of each step in it.</summary>
    public required string Name { get; init; }

    /// <summary>Which of the lanes it is, from 0.</summary>
    public required int Index { get; init; }
}

/// <summary>How far the lanes of a step have counted their visits.</summary>
/// <param name="From">Where the latest visit's lanes began.</param>
/// <param name="To">The highest visit so far.</param>
public sealed record LaneVisits(int From, int To);
