using Dox.Orchestration.Engine.Operations;
using Dox.Orchestration.Engine.Storage;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Orchestration.Workflows.Explaining;

/// <summary>A step of a run's graph, or an end.</summary>
/// <param name="State"><c>not_reached</c>, <c>current</c>, <c>undone</c>, or how its latest visit ended.</param>
/// <param name="Lanes">Of a step in lanes: how many of them ended how.</param>
internal sealed record GraphNode(
    string Id, string Name, string? Action, int RuleLine, string? Lane, string State, int Visits, int Attempts, DateTimeOffset? StartedAt, double DurationMs,
    IReadOnlyDictionary<string, int>? Lanes, string? Error);

/// <summary>A way of a run's graph.</summary>
/// <param name="Taken">How often the run went it.</param>
internal sealed record GraphEdge(string From, string To, string Kind, string? Label, int RuleLine, int Taken);

/// <summary>A run over its rule: what was reached, how it ended, and which ways were gone.</summary>
internal sealed class RunGraph(Rule rule, RunState state, IReadOnlyList<JournalEntry> journal)
{
    private readonly Dictionary<(string From, string To), int> _taken = [];

    public (IReadOnlyList<GraphNode> Nodes, IReadOnlyList<GraphEdge> Edges) Draw()
    {
        var graph = RuleGraph.Of(rule);
        var attempts = journal.Where(e => e.Kind == JournalKind.Attempt && rule.FindStep(e.Step) is not null).ToList();
        Count(attempts);
        var undone = journal.Where(e => e is { Kind: JournalKind.Compensation, Status: StepStatus.Success }).Select(e => (e.Step, e.Visit)).ToHashSet();
        var byNode = attempts.ToLookup(e => RuleGraph.IdOf(rule, e.Step), StringComparer.Ordinal);
        List<GraphNode> nodes = [.. graph.Nodes.Select(node => Node(node, byNode[node.Id].ToList(), undone))];
        if (state.HasEnded && nodes.All(node => node.Id != Verbs.Name(state.Status))) nodes.Add(End(new RuleNode(Verbs.Name(state.Status), Verbs.Name(state.Status), null, 0, null)));
        return (nodes, [.. graph.Edges.Select(Edge), .. Others(graph)]);
    }

    private GraphNode Node(RuleNode node, List<JournalEntry> attempts, HashSet<(string Step, int Visit)> undone)
    {
        if (node.Action is null) return End(node);
        var current = !state.HasEnded && state.Cursor == node.Id;
        if (attempts.Count == 0) return new(node.Id, node.Name, node.Action, node.Line, node.Lane, current ? "current" : "not_reached", 0, 0, null, 0, null, null);
        var last = attempts[^1];
        return new(
            node.Id, node.Name, node.Action, node.Line, node.Lane, current ? "current" : undone.Contains((last.Step, last.Visit)) ? "undone" : StepView.Name(last.Status), attempts.Select(e => (e.Step, e.Visit)).Distinct().Count(),
            attempts.Count(e => e.Attempt > 0), attempts[0].StartedAt, attempts.Sum(e => e.DurationMs),
            node.Lane is null ? null : attempts.GroupBy(e => (e.Step, e.Visit)).GroupBy(lane => StepView.Name(lane.Last().Status), StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal),
            (string?)Engine.JournalReading.Node(last.Error)?["message"]);
    }

    private GraphNode End(RuleNode node)
    {
        var reached = state.HasEnded && Verbs.Name(state.Status) == node.Id;
        return new(node.Id, node.Name, null, 0, null, reached ? "reached" : "not_reached", reached ? 1 : 0, 0, reached ? state.EndedAt : null, 0, null, reached ? state.Error?.Message : null);
    }

    /// <summary>From one step to the next, in the run and in each lane by itself.</summary>
    private void Count(List<JournalEntry> attempts)
    {
        var last = new Dictionary<string, JournalEntry>(StringComparer.Ordinal);
        foreach (var entry in attempts)
        {
            var lane = entry.Step.LastIndexOf('/') is >= 0 and var slash ? entry.Step[..slash] : "";
            if (last.TryGetValue(lane, out var before))
            {
                if (before.Step != entry.Step || before.Visit != entry.Visit) Take(before.Step, entry.Step);
            }
            else if (lane.Length > 0)
            {
                Take(lane[..lane.LastIndexOf('/')], entry.Step);
            }

            last[lane] = entry;
            foreach (var ended in last.Keys.Where(inner => inner.StartsWith($"{entry.Step}/", StringComparison.Ordinal)).ToList())
            {
                if (last[ended].Status == StepStatus.Success) Take(last[ended].Step, $"{entry.Step}/end");
                last.Remove(ended);
            }
        }

        if (state.HasEnded && last.TryGetValue("", out var final)) Take(final.Step, Verbs.Name(state.Status));
    }

    private void Take(string from, string to)
    {
        var way = (RuleGraph.IdOf(rule, from), to.EndsWith("/end", StringComparison.Ordinal) || rule.FindStep(to) is null ? to : RuleGraph.IdOf(rule, to));
        _taken[way] = _taken.GetValueOrDefault(way) + 1;
    }

    private GraphEdge Edge(RuleEdge edge)
    {
        // Two ways may lead from one step to one other; what was gone is told once.
        _taken.Remove((edge.From, edge.To), out var taken);
        return new(edge.From, edge.To, edge.Kind, edge.Label, edge.Line, taken);
    }

    /// <summary>Ways that the rule doesn't write: an operator's, a cancelled run's end.</summary>
    private List<GraphEdge> Others(RuleGraph graph) =>
        _taken.Where(way => !graph.Edges.Any(edge => edge.From == way.Key.From && edge.To == way.Key.To))
            .Select(way => new GraphEdge(way.Key.From, way.Key.To, "operator", null, 0, way.Value)).ToList();
}
