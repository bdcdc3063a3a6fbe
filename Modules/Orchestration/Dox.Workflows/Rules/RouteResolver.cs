using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Turns the names of targets into steps, ends and policies.</summary>
internal sealed class RouteResolver(
    IReadOnlyDictionary<string, RuleStep> steps, IReadOnlyDictionary<string, FailurePolicy> errorHandling, TemplateCompiler templates, DiagnosticBag bag)
{
    public StepRoutes Resolve(StepDraft draft, int stepCount)
    {
        var step = draft.Step;
        var branches = new List<Branch>();
        foreach (var node in draft.Branches)
            if (ReadBranch(step, node) is { } branch)
                branches.Add(branch);
        for (var i = 0; i < branches.Count - 1; i++)
            if (branches[i].When is null)
                bag.Error("unreachable-branch", new YamlMark(branches[i + 1].Line, 1), $"The step '{step.Name}': a branch without 'when' stands before this one and is always taken.");
        var following = step.Index + 1 < stepCount
            ? Route.ToStep(step.Index + 1, "the next step", step.Line)
            : Route.ToEnd("the end", step.Line);
        return new StepRoutes(
            draft.OnSuccess is null ? following : Target(step, draft.OnSuccess, "on_success") ?? following,
            draft.OnFailure is null ? Route.Fail : Target(step, draft.OnFailure, "on_failure") ?? Route.Fail,
            branches,
            draft.TruePath is null ? null : Target(step, draft.TruePath, "true_path"),
            draft.FalsePath is null ? null : Target(step, draft.FalsePath, "false_path"));
    }

    private Branch? ReadBranch(RuleStep step, YamlNode node)
    {
        if (node is not YamlMap map)
        {
            bag.Error("bad-value", node.Mark, $"A branch must be a map with 'to', not {node.Kind}.");
            return null;
        }

        var fields = new YamlFields(map, "A branch", bag);
        var when = fields.Node("when") is { } condition ? templates.Expression(condition) : null;
        fields.RequiredText("to");
        var to = fields.Node("to") is { } target ? Target(step, target, "branches") : null;
        fields.Node("description");
        fields.WarnAboutTheRest();
        return to is null ? null : new Branch(when, to, map.Mark.Line);
    }

    private Route? Target(RuleStep step, YamlNode node, string key)
    {
        if (node is not YamlText text)
        {
            bag.Error("bad-value", node.Mark, $"'{key}' must be a step's name, not {node.Kind}.");
            return null;
        }

        var name = text.Value.Trim();
        var line = text.Mark.Line;
        if (steps.TryGetValue(name, out var found)) return Route.ToStep(found.Index, name, line);
        if (name is "workflow_complete" or "complete") return Route.ToEnd(name, line);
        var policy = errorHandling.GetValueOrDefault(name) ?? PolicyReader.ByName(name);
        if (policy is { Kind: PolicyKind.Retry } && key != "on_failure")
        {
            bag.Error("bad-target", text.Mark, $"'{name}' is a retry, which can't follow a success.", "name the step to go to");
            return null;
        }

        if (policy is not null) return Route.ToPolicy(policy, name, line);
        var known = steps.Keys.Concat(errorHandling.Keys).Concat(PolicyReader.Names).Append("workflow_complete").ToList();
        var suggestion = Suggest.DidYouMean(name, known)
            ?? (key == "on_success"
                ? $"the steps are {string.Join(", ", steps.Keys)}; for a choice write branches: [{{ when: …, to: {steps.Keys.First()} }}, {{ to: {steps.Keys.Last()} }}]"
                : $"the steps are {string.Join(", ", steps.Keys)}; the policies are {string.Join(", ", PolicyReader.Names)}");
        bag.Error("unknown-step", text.Mark, $"The step '{step.Name}' leads by '{key}' to '{Shorten(name)}', which is no step, no policy and no key of error_handling.", suggestion);
        return null;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
