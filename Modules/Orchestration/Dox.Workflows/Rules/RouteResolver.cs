using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Turns the names of targets into steps, ends and policies.</summary>
internal sealed class RouteResolver(
    IReadOnlyDictionary<string, RuleStep> steps, IReadOnlyDictionary<string, FailurePolicy> errorHandling, TemplateCompiler templates, DiagnosticBag bag)
{
    public StepRoutes Resolve(StepDraft draft, IReadOnlyList<StepDraft> all)
    {
        var step = draft.Step;
        var branches = new List<Branch>();
        foreach (var node in draft.Branches)
        {
            if (branches.Any(branch => branch.When is null))
                bag.Warn("unreachable-branch", node.Mark, $"The step '{step.Name}': a branch without 'when' stands before this one and is always taken.", "put it last");
            if (ReadBranch(draft, node) is { } branch) branches.Add(branch);
        }

        var following = step.Index + 1 < all.Count
            ? Route.ToStep(step.Index + 1, "the next step", step.Line)
            : Route.ToEnd("the end", step.Line);
        return new StepRoutes(
            draft.OnSuccess is null ? following : Target(draft, draft.OnSuccess, "on_success") ?? following,
            draft.OnFailure is null ? Route.Fail : Target(draft, draft.OnFailure, "on_failure") ?? Route.Fail,
            branches,
            draft.TruePath is null ? null : Target(draft, draft.TruePath, "true_path"),
            draft.FalsePath is null ? null : Target(draft, draft.FalsePath, "false_path"));
    }

    private Branch? ReadBranch(StepDraft draft, YamlNode node)
    {
        if (node is not YamlMap map)
        {
            bag.Warn("bad-value", node.Mark, $"A branch must be a map with 'to', not {node.Kind}; it is left out.");
            return null;
        }

        var fields = new YamlFields(map, "A branch", bag);
        var when = fields.Node("when") is { } condition ? templates.Expression(condition) : null;
        fields.RequiredText("to", "it is left out");
        var to = fields.Node("to") is { } target ? Target(draft, target, "branches") : null;
        fields.Node("description");
        fields.WarnAboutTheRest();
        return to is null ? null : new Branch(when, to, map.Mark.Line);
    }

    private Route? Target(StepDraft draft, YamlNode node, string key)
    {
        if (node is not YamlText text)
        {
            bag.Error("unknown-step", node.Mark, $"'{key}' must be a step's name, not {node.Kind}.", BranchesToWrite.Suggest(draft.Parameters, "", [.. steps.Keys]));
            return null;
        }

        var name = text.Value.Trim();
        var line = text.Mark.Line;
        if (steps.TryGetValue(RuleNames.Normalise(name), out var found)) return Route.ToStep(found.Index, name, line);
        if (name is "workflow_complete" or "complete") return Route.ToEnd(name, line);
        var policy = errorHandling.GetValueOrDefault(name) ?? PolicyReader.ByName(name);
        if (policy is { Kind: PolicyKind.Retry } && key != "on_failure")
        {
            bag.Error("bad-target", text.Mark, $"'{name}' is a retry, which can't follow a success.", "name the step to go to");
            return null;
        }

        if (policy is not null) return Route.ToPolicy(policy, name, line);
        // Prose beside branches, or beside true_path and false_path, only says what they do
        if (key == "on_success" && (draft.Branches.Count > 0 || (draft.TruePath ?? draft.FalsePath) is not null))
        {
            bag.Warn("unknown-key", text.Mark, $"'{key}' of '{draft.Step.Name}' is prose; its branches say where it leads.");
            return null;
        }

        string[] known = [.. steps.Keys, .. errorHandling.Keys, .. PolicyReader.Names, "workflow_complete"];
        var suggestion = Suggest.DidYouMean(name, known)
            ?? (key == "on_success"
                ? $"the steps are {string.Join(", ", steps.Keys)}; for a choice write {BranchesToWrite.Suggest(draft.Parameters, name, [.. steps.Keys])}"
                : $"the steps are {string.Join(", ", steps.Keys)}; the policies are {string.Join(", ", PolicyReader.Names)}");
        bag.Error("unknown-step", text.Mark, $"The step '{draft.Step.Name}' leads by '{key}' to '{Suggest.Shorten(name)}', which is no step, no policy and no key of error_handling.", suggestion);
        return null;
    }
}
