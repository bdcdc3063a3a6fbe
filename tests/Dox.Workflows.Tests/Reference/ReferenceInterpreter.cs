using System.Text.Json.Nodes;

namespace Dox.Workflows.Tests.Reference;

/// <summary>
/// What a rule means, written down as plainly as it can be: everything in memory, nothing kept, no tasks, time as a number. A track is a
/// coroutine that gives back control where it has to wait, and says for what.
/// </summary>
/// <param name="refuses">Whether a person who is asked at that path refuses.</param>
internal sealed class ReferenceInterpreter(Func<string, bool> refuses)
{
    private readonly HashSet<string> _answered = [];
    private readonly List<(string Path, string Visit)> _undo = [];
    private readonly Dictionary<(string Path, string Visit), ReferenceInterpreter> _children = [];
    private long _now;

    public List<string> Journal { get; } = [];

    /// <summary>The journals of the runs that its steps started, and of those that theirs did; each begins with the rule.</summary>
    public List<string> ChildJournals { get; } = [];

    public string Status { get; private set; } = "";

    public JsonObject? Output { get; private set; }

    public void Run(IReadOnlyList<RandomStep> rule, int n)
    {
        var run = new Track("", "", null, rule) { Given = n };
        try
        {
            foreach (var need in Follow(run))
            {
                // A person answers at once; only then the clock goes on
                if (need.Persons.Count > 0) _answered.Add(need.Persons[0]);
                else _now = need.At!.Value;
            }

            Status = run.Failed ? "Failed" : "Success";
            Output = run.Failed ? null : run.Everything();
        }
        catch (RunEndsException end)
        {
            Status = end.Status;
            if (end.RollsBack)
                foreach (var (path, _) in Enumerable.Reverse(_undo)) Journal.Add($"{path} undone");
        }
    }

    private IEnumerable<Need> Follow(Track track)
    {
        var at = 0;
        while (at < track.Steps.Count)
        {
            var step = track.Steps[at];
            track.Current = step;
            track.Visit(step);
            if (step.WhenBelow is { } limit && track.N >= limit)
            {
                Write(track, step, "Skipped");
                at = step.Completes ? track.Steps.Count : at + 1;
                continue;
            }

            var outcome = new Outcome();
            foreach (var need in Attempts(track, step, outcome)) yield return need;
            track.Lanes = [];
            switch (outcome.Next)
            {
                case "success":
                    if (step.IsUndone) Remember(track, step);
                    at = step.BackWhileBelow is { } back && track.N < back ? 0 : step.Completes ? track.Steps.Count : at + 1;
                    break;
                case "skip":
                    at = step.Completes ? track.Steps.Count : at + 1;
                    break;
                case "fail":
                    track.Failed = true;
                    yield break;
                default:
                    at = outcome.Next[1] - '0';
                    break;
            }
        }
    }

    /// <summary>One visit: tries until it is known where it leads.</summary>
    private IEnumerable<Need> Attempts(Track track, RandomStep step, Outcome outcome)
    {
        var path = track.PathOf(step);
        for (var attempt = 1; ; attempt++)
        {
            var (succeeded, canRetry) = (true, true);
            switch (step.Does)
            {
                case Does.Look:
                    succeeded = attempt > step.Fails;
                    break;
                case Does.Count:
                    track.Own["n"] = track.N + 1;
                    break;
                case Does.Wait:
                    Write(track, step, "Waiting");
                    yield return new Need(_now + (step.Seconds * 1000L), []);
                    break;
                case Does.Ask:
                    Write(track, step, "Waiting");
                    yield return new Need(null, [path]);
                    _answered.Remove(path);
                    (succeeded, canRetry) = (!refuses(path), false);
                    break;
                case Does.Child:
                    // It starts the run, waits for its end, is told of it, and looks what came of it
                    var child = Child(track, step);
                    Write(track, step, "Waiting");
                    yield return new Need(null, [path]);
                    _answered.Remove(path);
                    Write(track, step, "Waiting");
                    (succeeded, canRetry) = (child.Status == "Success", false);
                    if (succeeded) track.Own[step.Name.ToLowerInvariant()] = child.Output;
                    break;
                default:
                    var lanes = new LaneResult();
                    foreach (var need in Lanes(track, step, lanes)) yield return need;
                    succeeded = lanes.Succeeded;
                    if (succeeded) track.Own[step.Name.ToLowerInvariant()] = lanes.Output;
                    break;
            }

            if (succeeded)
            {
                Write(track, step, "Success");
                outcome.Next = "success";
                yield break;
            }

            // One try and so many more; those of the policy are counted from the first try too
            double? delay = !canRetry ? null
                : attempt <= step.Retries ? 40
                : step.OnFailure == "retry" && attempt <= 3 ? 100 * Math.Pow(3, attempt - 1)
                : null;
            if (delay is not null)
            {
                Write(track, step, "Failed");
                yield return new Need(_now + (long)delay, []);
                continue;
            }

            switch (step.OnFailure)
            {
                case "skip_step":
                    Write(track, step, "Skipped");
                    outcome.Next = "skip";
                    yield break;
                case "manual_intervention":
                    Write(track, step, "Waiting");
                    yield return new Need(null, [path]);
                    _answered.Remove(path);
                    var refused = refuses(path);
                    if (!refused && step.Lanes.Count > 0) track.Own[step.Name.ToLowerInvariant()] = null;
                    Write(track, step, refused ? "Failed" : "Success");
                    outcome.Next = refused ? "fail" : "success";
                    yield break;
            }

            Write(track, step, "Failed");
            outcome.Next = step.OnFailure switch
            {
                "escalate" => throw new RunEndsException("Escalated"),
                "reject_request" => throw new RunEndsException("Failed"),
                "rollback" => throw new RunEndsException("Failed") { RollsBack = true },
                null or "fail" or "retry" => "fail",
                var target => target,
            };
            yield break;
        }
    }

    private ReferenceInterpreter Child(Track track, RandomStep step)
    {
        // Lanes that are tried again ask for the same run again
        var key = (track.PathOf(step), $"{track.Epoch}:{track.Visits[step.Name]}");
        if (_children.TryGetValue(key, out var child)) return child;
        _children[key] = child = new ReferenceInterpreter(refuses);
        child.Run(step.Lanes[0], track.N);
        ChildJournals.AddRange([$"{step.ChildRule}: {string.Join(' ', child.Journal)}", .. child.ChildJournals]);
        return child;
    }

    private IEnumerable<Need> Lanes(Track track, RandomStep step, LaneResult result)
    {
        var total = step.Does == Does.ForEach ? step.Items : step.Lanes.Count;
        var needed = step.Join == 0 ? total : step.Join;
        var until = step.TimeoutSeconds is { } seconds ? _now + (seconds * 1000L) : (long?)null;
        var outputs = new SortedDictionary<int, JsonObject>();
        var (begun, failed) = (0, 0);
        track.Lanes = [];
        while (outputs.Count < needed && total - failed >= needed && !(until <= _now))
        {
            var lane = track.Lanes.FirstOrDefault(candidate => candidate.Need!.IsMet(_now, _answered));
            if (lane is null && begun < total && track.Lanes.Count < step.AtOnce)
            {
                var steps = step.Does == Does.ForEach ? step.Lanes[0] : step.Lanes[begun];
                lane = new Track($"{track.PathOf(step)}/{(step.Does == Does.ForEach ? $"{begun}" : $"b{begun}")}/", $"{track.Epoch}.{track.Visits[step.Name]}", track, steps) { Index = begun++ };
                lane.Way = Follow(lane).GetEnumerator();
                track.Lanes.Add(lane);
            }

            if (lane is null)
            {
                var times = track.Lanes.Select(waiting => waiting.Need!.At).Append(until).Where(at => at is not null).ToList();
                yield return new Need(times.Count == 0 ? null : times.Min(), [.. track.Lanes.SelectMany(waiting => waiting.Need!.Persons)]);
                continue;
            }

            if (lane.Way!.MoveNext())
            {
                lane.Need = lane.Way.Current;
                continue;
            }

            track.Lanes.Remove(lane);
            if (lane.Failed) failed++;
            else outputs[lane.Index] = lane.Everything();
        }

        Cancel(track);
        result.Succeeded = outputs.Count >= needed;
        if (step.Does == Does.ForEach) result.Output = new JsonArray([.. outputs.Values]);
        else result.Output = new JsonObject(outputs.Select(entry => KeyValuePair.Create($"b{entry.Key}", (JsonNode?)entry.Value)));
    }

    private void Cancel(Track track)
    {
        foreach (var lane in track.Lanes)
        {
            Cancel(lane);
            Write(lane, lane.Current!, "Cancelled");
        }

        track.Lanes = [];
    }

    private void Remember(Track track, RandomStep step)
    {
        // Lanes that are tried again do what they did under the same names, and undo it once
        var done = (track.PathOf(step), $"{track.Epoch}:{track.Visits[step.Name]}");
        _undo.Remove(done);
        _undo.Add(done);
    }

    private void Write(Track track, RandomStep step, string status) => Journal.Add($"{track.PathOf(step)}:{status}");

    private sealed class Track(string prefix, string epoch, Track? outer, IReadOnlyList<RandomStep> steps)
    {
        public IReadOnlyList<RandomStep> Steps { get; } = steps;

        public string Epoch { get; } = epoch;

        public Dictionary<string, int> Visits { get; } = [];

        public Dictionary<string, JsonNode?> Own { get; } = [];

        public int Given { get; init; }

        public int Index { get; init; }

        public bool Failed { get; set; }

        public RandomStep? Current { get; set; }

        public IEnumerator<Need>? Way { get; set; }

        public Need? Need { get; set; }

        public List<Track> Lanes { get; set; } = [];

        public int N => Own.TryGetValue("n", out var own) ? own!.GetValue<int>() : outer?.N ?? Given;

        public string PathOf(RandomStep step) => prefix + step.Name;

        public void Visit(RandomStep step) => Visits[step.Name] = Visits.GetValueOrDefault(step.Name) + 1;

        public JsonObject Everything() => new(Own.Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone())));
    }

    private sealed record Need(long? At, IReadOnlyList<string> Persons)
    {
        public bool IsMet(long now, HashSet<string> answered) => At <= now || Persons.Any(answered.Contains);
    }

    private sealed class Outcome
    {
        public string Next { get; set; } = "";
    }

    private sealed class LaneResult
    {
        public bool Succeeded { get; set; }

        public JsonNode? Output { get; set; }
    }

    private sealed class RunEndsException(string status) : Exception
    {
        public string Status { get; } = status;

        public bool RollsBack { get; init; }
    }
}
