using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Actions;

/// <summary><c>for_each</c>: the same steps for each item of a list, one after another or some at once.</summary>
internal sealed partial class ForEach(RuleBody body, Template items, string itemName, int atOnce) : FanOutOperation([body])
{
    /// <summary>A list may be as long as that.</summary>
    public const int MostItems = 10_000;

    private const int ItemsInJournal = 100;

    public static readonly BuiltInAction Definition = new(
        "for_each", "Does the same steps for each item of a list: as names the item (its index is that name with _index), concurrency says how many at once (1, the default, to 64). Its result is the list of theirs.",
        [
            new VocabularyParameter("items", Required: true), new VocabularyParameter("steps", Required: true), new VocabularyParameter("as"),
            new VocabularyParameter("concurrency"), new VocabularyParameter("output"),
        ],
        Compile);

    /// <summary>The item in the steps' expressions.</summary>
    public string ItemName { get; } = itemName;

    /// <summary>Its index in the steps' expressions.</summary>
    public string IndexName { get; } = itemName + "_index";

    public override int AtOnce => atOnce;

    // A list has no keys that could be merged
    public override IReadOnlyList<string> Produces => [];

    public override IEnumerable<Expression> Expressions => items.Expressions;

    public override JsonObject Bind(EvaluationScope scope) => new() { ["items"] = items.Evaluate(scope) };

    public override RuleBody? BodyOf(string lane) => int.TryParse(lane, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? Bodies[0] : null;

    public override RuleBody BodyOf(Lane lane) => Bodies[0];

    public override string NameOf(int lane) => lane.ToString(CultureInfo.InvariantCulture);

    public override FanOut Begin(StepMoment moment, JsonObject parameters, int visitsFrom)
    {
        var given = parameters["items"] switch
        {
            JsonArray list => list,
            null => [],
            _ => throw new StepParameterException("'items' must be a list."),
        };
        if (given.Count > MostItems) throw new StepParameterException($"'items' has {given.Count:N0} items; {MostItems:N0} are allowed.");
        parameters.Remove("items");
        return new FanOut
        {
            Step = moment.Step.Name,
            Visit = moment.Visit,
            Attempt = moment.Attempt,
            StartedAt = moment.StartedAt,
            Until = Until(moment),
            Total = given.Count,
            AtOnce = atOnce,
            Needed = given.Count,
            Items = given,
            VisitsFrom = visitsFrom,
            VisitsTo = visitsFrom,
        };
    }

    public override JsonObject Describe(FanOut fan)
    {
        var described = new JsonObject { ["count"] = fan.Total, ["concurrency"] = fan.AtOnce };
        // The lanes' own entries say what each was given; thousands here would be read by nobody
        if (fan.Total <= ItemsInJournal) described["items"] = fan.Items?.DeepClone();
        return described;
    }

    public override JsonNode Collect(FanOut fan)
    {
        var results = new JsonArray();
        for (var i = 0; i < fan.Total; i++) results.Add(fan.Results[NameOf(i)]?.DeepClone());
        return results;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,99}$", RegexOptions.NonBacktracking)]
    private static partial Regex PlainName();

    private static ForEach? Compile(StepSource step)
    {
        if (step.Map?["items"] is not { } items || step.Map["steps"] is not { } steps)
        {
            step.Bag.Error("bad-lanes", step.Mark, $"The step '{step.StepName}' needs items and steps.", "write items: \"${ a list }\" and steps: [{ name: …, action: … }]");
            return null;
        }

        var name = (step.Map["as"] as YamlText)?.Value.Trim() ?? "item";
        if (!PlainName().IsMatch(name) || name is "input" or "steps" or "configuration" or "run")
        {
            step.Bag.Error("bad-lanes", step.MarkOf("as"), $"'as' must be a plain name that isn't input, steps, configuration or run, not '{name}'.");
            return null;
        }

        var concurrency = JsonValues.TryDouble(step.Map["concurrency"]?.ToJson());
        if (step.Map["concurrency"] is { } given && (concurrency is not (>= 1 and <= MostAtOnce) || Math.Floor(concurrency.Value) < concurrency))
        {
            step.Bag.Error("bad-lanes", given.Mark, $"'concurrency' must be a whole number from 1 to {MostAtOnce}.");
            return null;
        }

        return step.Bodies.Read("", step.Mark, steps, step.Map["output"], step) is { } body
            ? new ForEach(body, Listed(step, items), name, (int)(concurrency ?? 1))
            : null;
    }

    /// <summary>A bare name or path is meant as one: an unquoted text is no list anyway.</summary>
    private static Template Listed(StepSource step, YamlNode items)
    {
        if (items is not YamlText text || text.Value.Contains('{', StringComparison.Ordinal)) return step.Templates.Compile(items);
        return step.Templates.Expression(text) is { } expression ? new WholeTemplate(expression) : Template.Null;
    }
}
