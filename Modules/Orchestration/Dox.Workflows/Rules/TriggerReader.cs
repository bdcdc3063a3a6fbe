using System.Text.RegularExpressions;
using Cronos;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Reads <c>trigger</c>. Words after a path or a cron are ignored; <c>A OR B</c> is either.</summary>
internal static partial class TriggerReader
{
    private static readonly Dictionary<string, RuleTriggerType> Types = new(StringComparer.Ordinal)
    {
        ["api_request"] = RuleTriggerType.ApiRequest,
        ["event"] = RuleTriggerType.Event,
        ["schedule"] = RuleTriggerType.Schedule,
        ["manual"] = RuleTriggerType.Manual,
        ["cascade"] = RuleTriggerType.Cascade,
    };

    private static readonly Dictionary<string, RuleOverlap> Overlaps = new(StringComparer.Ordinal)
    {
        ["skip"] = RuleOverlap.Skip,
        ["queue"] = RuleOverlap.Queue,
        ["allow"] = RuleOverlap.Allow,
    };

    private static readonly Dictionary<string, RuleCatchUp> CatchUps = new(StringComparer.Ordinal)
    {
        ["none"] = RuleCatchUp.None,
        ["last"] = RuleCatchUp.Last,
        ["all"] = RuleCatchUp.All,
    };

    [GeneratedRegex(@"^(?<method>GET|POST|PUT|PATCH|DELETE)\s+(?<path>/[^\s,;]*)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Route();

    [GeneratedRegex(@"^(?<cron>\S+\s+\S+\s+\S+\s+\S+\s+\S+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex FiveFields();

    public static IReadOnlyList<RuleTrigger> Read(YamlNode? node, YamlMark rule, DiagnosticBag bag)
    {
        if (node is null)
        {
            bag.Warn("no-trigger", rule, "The rule has no trigger; it is started by hand or by another rule.");
            return [new RuleTrigger(RuleTriggerType.Manual, "", rule.Line)];
        }

        var maps = node is YamlList list ? list.Items : [node];
        var triggers = new List<RuleTrigger>();
        foreach (var item in maps)
        {
            if (item is YamlMap map) ReadOne(map, triggers, bag);
            else bag.Warn("bad-value", item.Mark, $"'trigger' must be a map, not {item.Kind}; it is left out.");
        }

        return triggers.Count > 0 ? triggers : [new RuleTrigger(RuleTriggerType.Manual, "", node.Mark.Line)];
    }

    private static void ReadOne(YamlMap map, List<RuleTrigger> triggers, DiagnosticBag bag)
    {
        var fields = new YamlFields(map, "A trigger", bag);
        fields.RequiredText("type", "the rule is started by hand");
        var type = fields.Choice("type", Types, RuleTriggerType.Manual);
        var source = fields.Text("source") ?? "";
        var overlap = fields.Choice("overlap", Overlaps, RuleOverlap.Skip);
        var catchUp = fields.Choice("catch_up", CatchUps, RuleCatchUp.Last);
        fields.Node("description");
        fields.WarnAboutTheRest();
        if (source.Length == 0 && type is not (RuleTriggerType.Manual or RuleTriggerType.Schedule))
        {
            bag.Warn("missing-key", map.Mark, "A trigger of this type needs 'source'; the rule is started by hand.");
            type = RuleTriggerType.Manual;
        }

        foreach (var part in source.Split(" OR ", StringSplitOptions.TrimEntries))
            if (Interpret(type, part, fields.MarkOf("source"), bag) is { } trigger)
                triggers.Add(trigger with { Overlap = overlap, CatchUp = catchUp });
    }

    private static RuleTrigger? Interpret(RuleTriggerType type, string source, YamlMark at, DiagnosticBag bag)
    {
        var trigger = new RuleTrigger(type, source, at.Line);
        switch (type)
        {
            case RuleTriggerType.ApiRequest:
                if (Route().Match(source) is { Success: true } route && RulePath.Relative(route.Groups["path"].Value) is not null)
                    return trigger with { Method = route.Groups["method"].Value, Path = route.Groups["path"].Value };
                bag.Warn("bad-route", at, $"'{Suggest.Shorten(source)}' is no METHOD and path below /api/; nothing starts the rule by it.", "write POST /api/…; a part of it may be a name in braces: /api/claims/{claim_id}");
                return null;
            case RuleTriggerType.Schedule:
                var fields = FiveFields().Match(source);
                if (fields.Success && CronExpression.TryParse(fields.Groups["cron"].Value, out _)) return trigger with { Cron = fields.Groups["cron"].Value };
                bag.Error("bad-cron", at, $"'{Suggest.Shorten(source)}' is no cron expression of five fields.", "for example 0 9 * * *, in UTC");
                return null;
            case RuleTriggerType.Event or RuleTriggerType.Cascade:
                if (source.Length == 0) return null;
                return trigger with { Name = source.Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries)[0] };
            default:
                return trigger;
        }
    }
}
