using Dox.Workflows.Actions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Reads a list of steps and resolves where they lead: a rule's own, and those of lanes in it.</summary>
internal sealed class BodyReader(Vocabulary vocabulary, IReadOnlyDictionary<string, FailurePolicy> errorHandling, TemplateCompiler templates, DiagnosticBag bag)
{
    /// <summary>A path stands in the journal, in reviews and in idempotency keys.</summary>
    public const int LongestPath = 200;

    private const int LongestIndex = 5;
    private readonly Stack<string> _within = new();

    /// <summary>A rule's own steps; null when there are none, which the bag says.</summary>
    public RuleBody? ReadRule(IReadOnlyList<YamlNode> nodes, YamlMark at, YamlNode? output)
    {
        if (nodes.Count > 0) return Read("", nodes, output);
        bag.Error("no-steps", at, "A rule needs at least one step.");
        return null;
    }

    /// <summary>The steps of a lane.</summary>
    /// <param name="name">The branch's; empty for the steps of a <c>for_each</c>.</param>
    /// <param name="at">Where the lane stands.</param>
    /// <param name="node">Its steps.</param>
    /// <param name="output">What it returns; null: everything that its steps produce.</param>
    /// <param name="step">The step that it belongs to.</param>
    public RuleBody? Read(string name, YamlMark at, YamlNode? node, YamlNode? output, StepSource step)
    {
        if (name.Contains('/', StringComparison.Ordinal)) bag.Error("bad-lanes", at, "A branch's name can't hold a slash: it is part of the idempotency key.");
        if (node is not YamlList { Items: { Count: > 0 } nodes })
        {
            bag.Error("no-steps", node?.Mark ?? at, $"The step '{step.StepName}' needs at least one step {(name.Length == 0 ? "for each item" : $"in its branch '{name}'")}.");
            return null;
        }

        if (_within.Count / 2 >= FanOutOperation.Deepest)
        {
            bag.Error("lanes-too-deep", at, $"Lanes lie more than {FanOutOperation.Deepest} deep in lanes.", "move the inner steps to a rule of their own and run it with run_workflow");
            return null;
        }

        _within.Push(step.StepName);
        _within.Push(name.Length == 0 ? new string('0', LongestIndex) : name);
        var body = Read(name, nodes, output);
        _within.Pop();
        _within.Pop();
        return body;
    }

    private RuleBody Read(string name, IReadOnlyList<YamlNode> nodes, YamlNode? output)
    {
        var reader = new StepReader(vocabulary, templates, this, bag);
        var drafts = new List<StepDraft>();
        var byName = new Dictionary<string, RuleStep>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            var draft = reader.Read(node, drafts.Count);
            if (!byName.TryAdd(draft.Step.Name, draft.Step))
                bag.Error("duplicate-step", draft.Map["name"]?.Mark ?? draft.Map.Mark, $"A step '{draft.Step.Name}' stands here a second time.");
            drafts.Add(draft);
            CheckPath(draft);
        }

        var resolver = new RouteResolver(byName, errorHandling, templates, bag);
        foreach (var draft in drafts) draft.Step.Routes = resolver.Resolve(draft, drafts);
        return new RuleBody(name, [.. drafts.Select(draft => draft.Step)], output is null ? null : templates.Compile(output));
    }

    private void CheckPath(StepDraft draft)
    {
        var length = _within.Sum(part => part.Length + 1) + draft.Step.Name.Length;
        if (_within.Count > 0 && length > LongestPath)
            bag.Error("path-too-long", draft.Map.Mark, $"The step '{draft.Step.Name}' has a path of {length} characters with the names around it; {LongestPath} are allowed.", "shorten the names");
        if (draft.Step.Operation is FanOutOperation { NestedAtOnce: > FanOutOperation.MostNestedAtOnce and var lanes })
            bag.Error("too-many-lanes", draft.Map.Mark, $"The step '{draft.Step.Name}' would follow {lanes:N0} lanes at once, those in its lanes counted; {FanOutOperation.MostNestedAtOnce} are allowed.", "lower a concurrency");
    }
}
