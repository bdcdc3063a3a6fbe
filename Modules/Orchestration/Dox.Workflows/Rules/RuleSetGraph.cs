using System.Text.Json;
using Dox.Workflows.Actions;
using Dox.Workflows.Expressions;

namespace Dox.Workflows.Rules;

/// <summary>Which rules start which.</summary>
/// <param name="Nodes">The rules, and what starts them from outside.</param>
/// <param name="Edges">Who starts whom.</param>
public sealed record RuleSetGraph(IReadOnlyList<RuleSetNode> Nodes, IReadOnlyList<RuleSetEdge> Edges)
{
    /// <summary>The graph of the rules of a set.</summary>
    public static RuleSetGraph Of(RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var nodes = rules.Rules.Select(rule => new RuleSetNode(rule.Name, "rule", rule.Version, rule.Service)).ToList();
        var edges = new List<RuleSetEdge>();
        foreach (var rule in rules.Rules)
        {
            foreach (var trigger in rule.Triggers.Where(trigger => trigger.Type != RuleTriggerType.Manual)) edges.Add(Starting(trigger, rule, rules));
            foreach (var step in rule.AllSteps)
            {
                if (step.Operation is RunWorkflow { ConstantRule: { } child }) edges.Add(new RuleSetEdge(rule.Name, child, "runs", step.Line));
                foreach (var name in EventsOf(step)) edges.Add(new RuleSetEdge(rule.Name, $"event {name}", "publishes", step.Line));
            }
        }

        var outside = edges.SelectMany(edge => new[] { edge.From, edge.To }).Distinct(StringComparer.Ordinal).Where(name => rules.Find(name) is null);
        nodes.AddRange(outside.Select(name => new RuleSetNode(name, name.Split(' ')[0] switch { "event" => "event", "cron" => "schedule", _ => name.Contains(' ', StringComparison.Ordinal) ? "route" : "missing" }, null, null)));
        return new RuleSetGraph(nodes, edges);
    }

    private static RuleSetEdge Starting(RuleTrigger trigger, Rule rule, RuleSet rules) => trigger.Type switch
    {
        RuleTriggerType.ApiRequest => new($"{trigger.Method} {trigger.Path}", rule.Name, "starts", trigger.Line),
        RuleTriggerType.Schedule => new($"cron {trigger.Cron}", rule.Name, "starts", trigger.Line),
        _ => new(trigger.Type == RuleTriggerType.Cascade && rules.Find(trigger.Name!) is not null ? trigger.Name! : $"event {trigger.Name}", rule.Name, "starts", trigger.Line),
    };

    private static IEnumerable<string> EventsOf(RuleStep step)
    {
        if (step.Action != "publish_event" || step.Operation is not ParameterOperation operation) return [];
        return operation.Constant("event") is { } one && one.GetValueKind() == JsonValueKind.String ? [JsonValues.TryString(one)!] : [];
    }
}

/// <summary>A rule, or what starts one.</summary>
/// <param name="Name">The rule's name; <c>METHOD path</c>, <c>cron …</c> or <c>event …</c>.</param>
/// <param name="Kind">rule, route, schedule, event, or missing: a rule that another names and that isn't there.</param>
/// <param name="Version">Of a rule.</param>
/// <param name="Service">Of a rule: its owner.</param>
public sealed record RuleSetNode(string Name, string Kind, string? Version, string? Service);

/// <summary>One leads to the other.</summary>
/// <param name="From">A node's name.</param>
/// <param name="To">A node's name.</param>
/// <param name="Kind">starts, runs or publishes.</param>
/// <param name="Line">The line of the rule that says so.</param>
public sealed record RuleSetEdge(string From, string To, string Kind, int Line);
