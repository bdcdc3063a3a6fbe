namespace Dox.Workflows.Rules;

/// <summary>Which step leads to which. Each question is answered in one pass, so that a file of thousands of steps is as harmless as any.</summary>
internal sealed class StepGraph
{
    private readonly IReadOnlyList<RuleStep> _steps;
    private readonly List<int>[] _next;
    private readonly List<int>[] _before;

    public StepGraph(IReadOnlyList<RuleStep> steps)
    {
        _steps = steps;
        _next = [.. steps.Select(step => NextOf(step).Distinct().ToList())];
        _before = [.. steps.Select(_ => new List<int>())];
        for (var i = 0; i < _next.Length; i++)
            foreach (var next in _next[i]) _before[next].Add(i);
    }

    /// <summary>Every way out of a step.</summary>
    public static IEnumerable<Route> RoutesOf(RuleStep step)
    {
        var routes = step.Routes;
        foreach (var branch in routes.Branches) yield return branch.To;
        if (routes.TruePath is not null) yield return routes.TruePath;
        if (routes.FalsePath is not null) yield return routes.FalsePath;
        if (!AlwaysBranches(step)) yield return routes.Success;
        yield return routes.Failure;
    }

    /// <summary>The steps that the first one leads to.</summary>
    public HashSet<int> Reached() => Spread([0], _next);

    /// <summary>The steps from which an end, or a wait, can be reached. A failure ends a run too, but a rule that ends in no other way is a mistake.</summary>
    public HashSet<int> Leaving() => Spread(
        Enumerable.Range(0, _steps.Count).Where(index => Waits(index) || RoutesOf(_steps[index]).Any(route => route != Route.Fail && route.Kind != RouteKind.Step)), _before);

    /// <summary>The circles that no wait interrupts, each with its steps in the order of the file.</summary>
    public IEnumerable<IReadOnlyList<int>> CirclesWithoutWait()
    {
        var seen = new HashSet<int>();
        foreach (var start in Enumerable.Reverse(Finished()))
        {
            if (!seen.Add(start)) continue;
            var together = new List<int> { start };
            for (var i = 0; i < together.Count; i++)
                foreach (var before in _before[together[i]])
                    if (!Waits(before) && seen.Add(before)) together.Add(before);
            if (together.Count > 1 || _next[start].Contains(start)) yield return [.. together.Order()];
        }
    }

    // The steps that don't wait, in the order in which a depth-first search leaves them (Kosaraju)
    private List<int> Finished()
    {
        var finished = new List<int>();
        var seen = new HashSet<int>();
        var open = new Stack<(int Step, int Child)>();
        for (var i = 0; i < _steps.Count; i++)
        {
            if (Waits(i) || !seen.Add(i)) continue;
            open.Push((i, 0));
            while (open.TryPop(out var at))
            {
                if (at.Child == _next[at.Step].Count)
                {
                    finished.Add(at.Step);
                    continue;
                }

                open.Push((at.Step, at.Child + 1));
                var next = _next[at.Step][at.Child];
                if (!Waits(next) && seen.Add(next)) open.Push((next, 0));
            }
        }

        return finished;
    }

    private static HashSet<int> Spread(IEnumerable<int> from, List<int>[] along)
    {
        var reached = new HashSet<int>(from);
        var open = new Stack<int>(reached);
        while (open.TryPop(out var index))
            foreach (var next in along[index])
                if (reached.Add(next)) open.Push(next);
        return reached;
    }

    private static bool AlwaysBranches(RuleStep step) =>
        step.When is null && (step.Routes.Branches.Any(branch => branch.When is null) || step.Routes is { TruePath: not null, FalsePath: not null });

    private bool Waits(int index) => _steps[index].Action is "wait" or "manual_intervention";

    private IEnumerable<int> NextOf(RuleStep step)
    {
        foreach (var route in RoutesOf(step))
        {
            if (route.Kind == RouteKind.Step) yield return route.Step;
            else if (route.Policy is { Kind: PolicyKind.SkipStep } && step.Index + 1 < _steps.Count) yield return step.Index + 1;
        }
    }
}
