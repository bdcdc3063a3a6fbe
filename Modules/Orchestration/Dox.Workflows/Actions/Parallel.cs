using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Actions;

/// <summary><c>parallel</c>: named branches, side by side; <c>join</c> says how many must succeed.</summary>
internal sealed class Parallel(IReadOnlyList<RuleBody> branches, int needed, string join) : FanOutOperation(branches)
{
    private const string Example = "write branches: { one: [{ name: …, action: … }], two: […] }";
    private static readonly string[] BranchKeys = ["name", "steps", "output", "description"];

    public static readonly BuiltInAction Definition = new(
        "parallel", "Follows named branches side by side; join says how many must succeed: all (the default), any, or a number. Its result holds each branch's, by name.",
        [new VocabularyParameter("branches", Required: true), new VocabularyParameter("join")], Compile);

    public override int AtOnce => Bodies.Count;

    public override IReadOnlyList<string> Produces { get; } = [.. branches.Select(branch => branch.Name)];

    public override IEnumerable<Expression> Expressions => [];

    public override JsonObject Bind(EvaluationScope scope) => [];

    public override JsonObject Describe(FanOut fan) => new()
    {
        ["branches"] = new JsonArray([.. Bodies.Select(body => (JsonNode)body.Name)]),
        ["join"] = join,
    };

    public override RuleBody? BodyOf(string lane) => Bodies.FirstOrDefault(body => body.Name == lane);

    public override RuleBody BodyOf(Lane lane) => Bodies[lane.Index];

    public override string NameOf(int lane) => Bodies[lane].Name;

    public override FanOut Begin(StepMoment moment, JsonObject parameters, int visitsFrom) => new()
    {
        Step = moment.Step.Name,
        Visit = moment.Visit,
        Attempt = moment.Attempt,
        StartedAt = moment.StartedAt,
        Until = Until(moment),
        Total = Bodies.Count,
        AtOnce = Bodies.Count,
        Needed = needed,
        VisitsFrom = visitsFrom,
        VisitsTo = visitsFrom,
    };

    public override JsonNode Collect(FanOut fan)
    {
        var results = new JsonObject();
        foreach (var body in Bodies)
            if (fan.Results.TryGetValue(body.Name, out var result))
                results[body.Name] = result?.DeepClone();
        return results;
    }

    private static Parallel? Compile(StepSource step)
    {
        if (step.Map?["branches"] is not { } node)
        {
            step.Bag.Error("bad-lanes", step.Mark, $"The step '{step.StepName}' needs branches, each with a name and its steps.", Example);
            return null;
        }

        var branches = new List<RuleBody>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var whole = true;
        foreach (var (name, value) in BranchesOf(node, step.Bag))
        {
            if (!names.Add(name.Value.Trim())) step.Bag.Error("duplicate-branch", name.Mark, $"A branch '{name.Value}' stands here a second time.");
            if (ReadBranch(step, name, value) is { } branch) branches.Add(branch);
            else whole = false;
        }

        if (names.Count == 0)
        {
            step.Bag.Error("bad-lanes", node.Mark, $"The step '{step.StepName}' needs branches, each with a name and its steps.", Example);
            return null;
        }

        if (names.Count > MostAtOnce)
        {
            step.Bag.Error("too-many-lanes", node.Mark, $"The step '{step.StepName}' has {names.Count} branches; {MostAtOnce} are allowed.");
            return null;
        }

        return ReadJoin(step, names.Count) is { } join && whole ? new Parallel(branches, join.Needed, join.Text) : null;
    }

    /// <summary>A map of names, or a list of maps with a name.</summary>
    private static IEnumerable<(YamlText Name, YamlNode Value)> BranchesOf(YamlNode node, DiagnosticBag bag)
    {
        switch (node)
        {
            case YamlMap map:
                foreach (var entry in map.Entries) yield return (entry.Key, entry.Value);
                break;
            case YamlList list:
                foreach (var item in list.Items)
                {
                    if (item is YamlMap branch && branch["name"] is YamlText name) yield return (name, branch);
                    else bag.Error("bad-lanes", item.Mark, "A branch in a list must be a map with 'name' and 'steps'.");
                }

                break;
            default:
                bag.Error("bad-lanes", node.Mark, $"'branches' must be a map of names to steps, not {node.Kind}.");
                break;
        }
    }

    private static RuleBody? ReadBranch(StepSource step, YamlText name, YamlNode value)
    {
        var map = value as YamlMap;
        foreach (var entry in map?.Entries ?? [])
            if (!BranchKeys.Contains(entry.Key.Value, StringComparer.Ordinal))
                step.Bag.Warn("unknown-key", entry.Key.Mark, $"A branch has no key '{entry.Key.Value}'; it is documentation.", Suggest.DidYouMean(entry.Key.Value, BranchKeys));
        return step.Bodies.Read(name.Value.Trim(), name.Mark, map is null ? value : map["steps"], map?["output"], step);
    }

    private static (int Needed, string Text)? ReadJoin(StepSource step, int branches)
    {
        var node = step.Map!["join"];
        switch ((node as YamlText)?.Value.Trim())
        {
            case "all": return (branches, "all");
            case "any": return (1, "any");
            case { } text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= branches: return (count, text);
            case null when node is null: return (branches, "all");
            default:
                step.Bag.Error("bad-lanes", node!.Mark, $"'join' is all, any, or a number from 1 to {branches}, which is how many branches there are.");
                return null;
        }
    }
}
