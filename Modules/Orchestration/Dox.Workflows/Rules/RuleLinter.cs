using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>What can be said about a whole rule: what is never reached, what never ends, what is read but never made.</summary>
internal static class RuleLinter
{
    private static readonly HashSet<string> AlwaysThere = new(StringComparer.Ordinal) { "input", "steps", "configuration", "run", "error", "error_message", "source" };

    public static void Check(Rule rule, DiagnosticBag bag)
    {
        var reached = Reach(rule);
        foreach (var step in rule.Steps)
        {
            if (!reached.Contains(step.Index))
                bag.Warn("unreachable-step", new YamlMark(step.Line, 1), $"Nothing leads to the step '{step.Name}'.");
            else if (NeverLeaves(rule, step))
                bag.Warn("endless-loop", new YamlMark(step.Line, 1), $"From the step '{step.Name}' there is no way to an end and no wait.");
        }

        CheckNames(rule, bag);
    }

    private static IEnumerable<Route> AllRoutes(RuleStep step)
    {
        var routes = step.Routes;
        foreach (var branch in routes.Branches) yield return branch.To;
        if (routes.TruePath is not null) yield return routes.TruePath;
        if (routes.FalsePath is not null) yield return routes.FalsePath;
        if (!AlwaysBranches(step)) yield return routes.Success;
        yield return routes.Failure;
    }

    private static bool AlwaysBranches(RuleStep step) =>
        step.When is null && (step.Routes.Branches.Any(branch => branch.When is null) || step.Routes is { TruePath: not null, FalsePath: not null });

    private static HashSet<int> Reach(Rule rule, int from = 0)
    {
        var reached = new HashSet<int> { from };
        var open = new Stack<int>([from]);
        while (open.TryPop(out var index))
        {
            foreach (var route in AllRoutes(rule.Steps[index]))
            {
                var next = route.Kind == RouteKind.Step ? route.Step
                    : route.Policy is { Kind: PolicyKind.SkipStep } && index + 1 < rule.Steps.Count ? index + 1 : -1;
                if (next >= 0 && reached.Add(next)) open.Push(next);
            }
        }

        return reached;
    }

    // A failure ends a run too, but a rule that ends in no other way is a mistake
    private static bool NeverLeaves(Rule rule, RuleStep step) => Reach(rule, step.Index).All(index =>
        rule.Steps[index].Action is not ("wait" or "manual_intervention")
        && AllRoutes(rule.Steps[index]).Where(route => route != Route.Fail).All(route => route.Kind == RouteKind.Step));

    private static void CheckNames(Rule rule, DiagnosticBag bag)
    {
        var known = new HashSet<string>(AlwaysThere, StringComparer.Ordinal);
        foreach (var key in rule.SharedConfiguration.Select(entry => entry.Key)) known.Add(key);
        foreach (var name in rule.InputNames) known.Add(name);
        var anything = false;
        foreach (var step in rule.Steps)
        {
            if (step.Output is not null) known.Add(step.Output);
            else if (step.Operation.Produces is { } produces) known.UnionWith(produces);
            else anything = true;
        }

        // A step whose result isn't known, or an input that isn't declared, may bring any name
        if (anything || rule.InputNames.Count == 0) return;
        foreach (var step in rule.Steps)
            foreach (var expression in ExpressionsOf(step))
                foreach (var name in expression.Names)
                    if (!known.Contains(name) && !name.EndsWith("_error", StringComparison.Ordinal))
                        bag.Warn("unknown-name", new YamlMark(step.Line, 1), $"The step '{step.Name}' reads '{name}', which nothing produces; it is null.", Suggest.DidYouMean(name, known));
    }

    private static IEnumerable<Expression> ExpressionsOf(RuleStep step)
    {
        foreach (var expression in step.Operation.Expressions) yield return expression;
        if (step.When is not null) yield return step.When;
        foreach (var branch in step.Routes.Branches)
            if (branch.When is not null) yield return branch.When;
    }
}
