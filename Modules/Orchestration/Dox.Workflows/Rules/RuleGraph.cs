namespace Dox.Workflows.Rules;

/// <summary>A step as a point of a graph, or one of the ends: <c>success</c>, <c>failed</c>, <c>escalated</c>, of lanes <c>STEP/end</c>.</summary>
/// <param name="Id">The step's path; <c>*</c> stands for every item of a <c>for_each</c>.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Action">The step's action; null for an end.</param>
/// <param name="Line">Where it stands; 0 for an end.</param>
/// <param name="Lane">Of a step in a lane: the path of the lane.</param>
public sealed record RuleNode(string Id, string Name, string? Action, int Line, string? Lane);

/// <summary>A way from a step to another, or to an end.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="To">Where it leads.</param>
/// <param name="Kind"><c>success</c>, <c>failure</c>, <c>branch</c>, <c>lane</c> (into a lane's first step).</param>
/// <param name="Label">The condition, or the policy.</param>
/// <param name="Line">Where that stands; 0 where nothing is written.</param>
public sealed record RuleEdge(string From, string To, string Kind, string? Label, int Line);

/// <summary>A rule as points and ways between them.</summary>
public sealed class RuleGraph
{
    private readonly List<RuleNode> _nodes = [];
    private readonly List<RuleEdge> _edges = [];

    private RuleGraph()
    {
    }

    /// <summary>The steps in the order of the file, each followed by those of its lanes; then the ends that are led to.</summary>
    public IReadOnlyList<RuleNode> Nodes => _nodes;

    /// <summary>In the order of the steps that they begin at.</summary>
    public IReadOnlyList<RuleEdge> Edges => _edges;

    /// <summary>The rule's.</summary>
    public static RuleGraph Of(Rule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var graph = new RuleGraph();
        graph.Add(rule.Steps, "", null, "success");
        foreach (var end in new[] { "success", "failed", "escalated" })
            if (graph._edges.Any(edge => edge.To == end)) graph._nodes.Add(new RuleNode(end, end, null, 0, null));
        return graph;
    }

    /// <summary>The id of the point that stands for the step at a path: every item of a <c>for_each</c> has the same.</summary>
    public static string IdOf(Rule rule, string path)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Split('/');
        for (var i = 1; i + 1 < parts.Length; i += 2)
            if (rule.FindStep(string.Join('/', path.Split('/')[..i]))?.BodyOf(path.Split('/')[i]) is { Name.Length: 0 }) parts[i] = "*";
        return string.Join('/', parts);
    }

    private void Add(IReadOnlyList<RuleStep> steps, string prefix, string? lane, string end)
    {
        foreach (var step in steps)
        {
            var id = prefix + step.Name;
            _nodes.Add(new RuleNode(id, step.Name, step.Action, step.Line, lane));
            foreach (var body in step.Bodies)
            {
                var inner = $"{id}/{(body.Name.Length == 0 ? "*" : body.Name)}";
                _edges.Add(new RuleEdge(id, $"{inner}/{body.Steps[0].Name}", "lane", body.Name.Length == 0 ? "each item" : body.Name, body.Steps[0].Line));
                Add(body.Steps, $"{inner}/", inner, $"{id}/end");
            }

            if (step.Bodies.Count > 0 && _edges.Any(edge => edge.To == $"{id}/end")) _nodes.Add(new RuleNode($"{id}/end", "lanes end", null, 0, null));
            AddWays(steps, step, prefix, end);
        }
    }

    private void AddWays(IReadOnlyList<RuleStep> steps, RuleStep step, string prefix, string end)
    {
        var (routes, id) = (step.Routes, prefix + step.Name);
        if (routes.TruePath is { } yes) Add(id, yes, steps, step, prefix, end, "branch", "true");
        if (routes.FalsePath is { } no) Add(id, no, steps, step, prefix, end, "branch", "false");
        foreach (var branch in routes.Branches) Add(id, branch.To, steps, step, prefix, end, "branch", branch.When?.Source ?? "otherwise");
        if (!routes.Branches.Any(branch => branch.When is null) && (routes.TruePath is null || routes.FalsePath is null))
            Add(id, routes.Success, steps, step, prefix, end, "success", null);
        Add(id, routes.Failure, steps, step, prefix, end, "failure", routes.Failure.Policy?.Name ?? "failure");
    }

    private void Add(string from, Route route, IReadOnlyList<RuleStep> steps, RuleStep step, string prefix, string end, string kind, string? label)
    {
        var to = route.Kind switch
        {
            RouteKind.Step => prefix + steps[route.Step].Name,
            RouteKind.Complete => end,
            _ => TargetOf(route.Policy!.Kind),
        };
        if (!_edges.Any(edge => edge.From == from && edge.To == to && edge.Label == label)) _edges.Add(new RuleEdge(from, to, kind, label, route.Line));

        string TargetOf(PolicyKind policy) => policy switch
        {
            PolicyKind.Escalate => "escalated",
            PolicyKind.SkipStep => step.Index + 1 < steps.Count ? prefix + steps[step.Index + 1].Name : end,
            PolicyKind.Retry or PolicyKind.ManualIntervention => from,
            PolicyKind.Fail when prefix.Length > 0 => end,
            _ => "failed",
        };
    }
}
