using System.Globalization;
using System.Text;

namespace Dox.Orchestration.Workflows.Explaining;

/// <summary>A run's graph as a Mermaid flowchart.</summary>
internal static class MermaidText
{
    private const string Styles = """
          classDef success fill:#d3f2d9,stroke:#2b8a3e,color:#000
          classDef failed fill:#ffe0e0,stroke:#c92a2a,color:#000
          classDef current fill:#d9ecff,stroke:#1864ab,color:#000
          classDef waiting fill:#fff3bf,stroke:#e67700,color:#000
          classDef skipped fill:#eeeeee,stroke:#868e96,color:#000
          classDef idle fill:#ffffff,stroke:#ced4da,color:#868e96
        """;

    public static string Of(IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphEdge> edges)
    {
        var names = nodes.Select((node, index) => (node.Id, Name: $"n{index.ToString(CultureInfo.InvariantCulture)}")).ToDictionary(n => n.Id, n => n.Name, StringComparer.Ordinal);
        var text = new StringBuilder("flowchart TD\n");
        var groups = 0;
        foreach (var group in nodes.GroupBy(node => node.Lane, StringComparer.Ordinal))
        {
            if (group.Key is { } lane) text.Append(CultureInfo.InvariantCulture, $"  subgraph g{groups++}[\"{Escaped(lane)}\"]\n");
            foreach (var node in group) text.Append(CultureInfo.InvariantCulture, $"  {names[node.Id]}{Shape(node)}:::{Style(node)}\n");
            if (group.Key is not null) text.Append("  end\n");
        }

        foreach (var edge in edges.Where(edge => names.ContainsKey(edge.From) && names.ContainsKey(edge.To)))
            text.Append(CultureInfo.InvariantCulture, $"  {names[edge.From]} {(edge.Taken > 0 ? "==>" : "-.->")}{Label(edge)} {names[edge.To]}\n");
        return text.Append(Styles).Append('\n').ToString();
    }

    private static string Shape(GraphNode node)
    {
        if (node.Action is null) return $"([\"{Escaped(node.Name)}\"])";
        var figures = node.Attempts == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"<br/>{node.DurationMs:0.#} ms{(node.Attempts > 1 ? $", {node.Attempts} attempts" : "")}");
        return $"[\"{Escaped(node.Name)}<br/>{Escaped(node.Action)}{figures}\"]";
    }

    private static string Label(GraphEdge edge)
    {
        var label = string.Join(' ', new[] { edge.Label, edge.Taken > 1 ? $"×{edge.Taken.ToString(CultureInfo.InvariantCulture)}" : null }.OfType<string>());
        return label.Length == 0 ? "" : $"|\"{Escaped(label)}\"|";
    }

    private static string Style(GraphNode node) => node.State switch
    {
        "success" => "success",
        "reached" => node.Id == "success" ? "success" : "failed",
        "failed" or "cancelled" => "failed",
        "current" => "current",
        "waiting" => "waiting",
        "skipped" or "undone" => "skipped",
        _ => "idle",
    };

    private static string Escaped(string text) => text.Replace("&", "#amp;", StringComparison.Ordinal).Replace("\"", "#quot;", StringComparison.Ordinal)
        .Replace("<", "#lt;", StringComparison.Ordinal).Replace(">", "#gt;", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ');
}
