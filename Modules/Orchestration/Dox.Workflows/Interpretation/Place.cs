using System.Text.Json.Nodes;
using Dox.Workflows.Actions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>
/// A track while it is followed: with the steps that it follows and what lies around it. The track alone is kept; this is made anew wherever a
/// run is gone on with.
/// </summary>
internal sealed class Place
{
    private readonly ForEach? _each;
    private CancellationTokenSource? _limit;

    private Place(Rule rule, RunState run, Track track, RuleBody body, Place? outer)
    {
        Rule = rule;
        Run = run;
        Track = track;
        Body = body;
        Outer = outer;
        if (outer is null || track is not Lane lane) return;
        FanOut = outer.Track.FanOut!;
        Prefix = $"{outer.Prefix}{FanOut.Step}/{lane.Name}/";
        _each = outer.Body.Find(FanOut.Step)!.Operation as ForEach;
    }

    public Rule Rule { get; }

    public RunState Run { get; }

    public Track Track { get; }

    public RuleBody Body { get; }

    /// <summary>Of a lane: where its step stands.</summary>
    public Place? Outer { get; }

    /// <summary>Of a lane: the lanes that it is one of.</summary>
    public FanOut? FanOut { get; }

    /// <summary>What stands before a step's name in its path.</summary>
    public string Prefix { get; } = "";

    public static Place OfRun(Rule rule, RunState run) => new(rule, run, run, rule.Body, null);

    public Place Of(Lane lane)
    {
        var step = Body.Find(Track.FanOut!.Step)!;
        return new Place(Rule, Run, lane, ((FanOutOperation)step.Operation).BodyOf(lane), this);
    }

    public string PathOf(RuleStep step) => Outer is null ? step.Name : Prefix + step.Name;

    /// <summary>The place of what waits there; null when nothing at that path is followed now.</summary>
    public Place? Find(string path)
    {
        if (Track.FanOut is { } fan)
            foreach (var lane in fan.Lanes)
            {
                var place = Of(lane);
                if (path.StartsWith(place.Prefix, StringComparison.Ordinal)) return place.Find(path);
            }

        return path.StartsWith(Prefix, StringComparison.Ordinal) && !path.AsSpan(Prefix.Length).Contains('/') ? this : null;
    }

    /// <summary>A lane that is no longer one of its run's: what it still does counts for nothing.</summary>
    public bool IsDropped =>
        Outer is null ? Run.HasEnded : Outer.IsDropped || !ReferenceEquals(Outer.Track.FanOut, FanOut) || !FanOut!.Lanes.Contains((Lane)Track);

    public int VisitsOf(RuleStep step) => Track.Steps.TryGetValue(step.Name, out var result) ? result.Visit : FanOut?.VisitsFrom ?? 0;

    /// <summary>A name that is the lane's item, or its index.</summary>
    public bool TryItem(string name, out JsonNode? value)
    {
        value = null;
        if (_each is null) return false;
        var index = ((Lane)Track).Index;
        if (name == _each.ItemName) value = FanOut!.Items![index];
        else if (name == _each.IndexName) value = JsonValue.Create(index);
        else return false;
        return true;
    }

    /// <summary>One for all attempts that are made here, one after another; a new one once it was cancelled.</summary>
    public CancellationTokenSource RentLimit() => _limit ??= new CancellationTokenSource();

    public void ReturnLimit()
    {
        if (_limit?.TryReset() != false) return;
        _limit.Dispose();
        _limit = null;
    }
}
