using Dox.Workflows.Actions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>What can be said about a whole rule: what is never reached, what never ends, what is read but never made.</summary>
/// <param name="rule">The rule; it may hold steps that couldn't be compiled.</param>
/// <param name="vocabulary">What the rule may name.</param>
/// <param name="places">Where its expressions stand.</param>
/// <param name="bag">Takes what is found.</param>
internal sealed class RuleLinter(Rule rule, Vocabulary vocabulary, IReadOnlyDictionary<Expression, YamlMark> places, DiagnosticBag bag)
{
    private static readonly HashSet<string> AlwaysThere = new(StringComparer.Ordinal) { "input", "steps", "configuration", "run", "error", "error_message", "source" };

    public void Check()
    {
        CheckRoutes(rule.Body);
        CheckNames();
    }

    private void CheckRoutes(RuleBody body)
    {
        var graph = new StepGraph(body.Steps);
        var (reached, leaving) = (graph.Reached(), graph.Leaving());
        foreach (var step in body.Steps)
        {
            if (!reached.Contains(step.Index)) bag.Warn("unreachable-step", MarkOf(step), $"Nothing leads to the step '{step.Name}'.");
            else if (!leaving.Contains(step.Index)) bag.Warn("endless-loop", MarkOf(step), $"From the step '{step.Name}' there is no way to an end and no wait.");
            foreach (var inner in step.Bodies) CheckRoutes(inner);
        }

        foreach (var circle in graph.CirclesWithoutWait().Where(steps => steps.All(step => reached.Contains(step) && leaving.Contains(step))))
        {
            var names = string.Join(", ", circle.Take(5).Select(index => $"'{body.Steps[index].Name}'"));
            bag.Warn("cycle-without-wait", MarkOf(body.Steps[circle[0]]), $"{names} lead{(circle.Count == 1 ? "s" : "")} in a circle without a wait.", "put a step with the action wait in");
        }
    }

    private static YamlMark MarkOf(RuleStep step) => new(step.Line, step.Column);

    private void CheckNames()
    {
        var known = new HashSet<string>(AlwaysThere, StringComparer.Ordinal);
        foreach (var key in rule.SharedConfiguration.Select(entry => entry.Key)) known.Add(key);
        known.UnionWith(rule.InputNames);
        known.UnionWith(vocabulary.Functions.Keys);
        foreach (var step in rule.AllSteps)
        {
            if (step.Operation is ForEach each) known.UnionWith([each.ItemName, each.IndexName]);
            if (step.Output is not null) known.Add(step.Output);
            else if (step.Operation.Produces is { } produces) known.UnionWith(produces);
            // A step whose result isn't known may bring any name
            else if (!step.Operation.IsImmediate || step.Operation is ManualIntervention) return;
        }

        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (expression, place) in places.OrderBy(entry => entry.Value.Line).ThenBy(entry => entry.Value.Column))
            foreach (var name in expression.Names)
                if (!known.Contains(name) && !name.EndsWith("_error", StringComparison.Ordinal) && said.Add(name))
                    Say(name, place, known);
    }

    private void Say(string name, YamlMark place, HashSet<string> known)
    {
        var nearest = Suggest.DidYouMean(name, known);
        if (rule.InputNames.Count > 0) bag.Warn("unknown-name", place, $"Nothing produces '{name}'; it is null.", nearest);
        else bag.Warn("unknown-name", place, $"No step produces '{name}'; it is null unless the run is given it.", nearest ?? $"write input: [{name}] where it is given");
    }
}
