using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>
/// Reads and compiles one rule. Nothing is executed, the text may come from anyone: size, depth and anchors are bounded, every problem has a
/// place and a suggestion, and a rule with an error isn't returned at all.
/// </summary>
/// <param name="vocabulary">The actions, functions and services that the rule may name; filled before.</param>
public sealed class RuleParser(Vocabulary vocabulary)
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int LongestText = YamlLoader.LongestText;

    private const int LongestService = 200;

    /// <summary>What rules may name.</summary>
    public Vocabulary Vocabulary => vocabulary;

    private static readonly Dictionary<string, RulePriority> Priorities = new(StringComparer.Ordinal)
    {
        ["high"] = RulePriority.High,
        ["medium"] = RulePriority.Medium,
        ["low"] = RulePriority.Low,
    };

    private static readonly Dictionary<string, RuleMode> Modes = new(StringComparer.Ordinal)
    {
        ["orchestrated"] = RuleMode.Orchestrated,
        ["embedded"] = RuleMode.Embedded,
    };

    private static readonly Dictionary<string, RuleDurability> Durabilities = new(StringComparer.Ordinal)
    {
        ["step"] = RuleDurability.Step,
        ["ends"] = RuleDurability.Ends,
    };

    private static readonly string[] ConditionTypes = ["file_validation", "service_ready", "user_permission", "rate_limit", "dependency_ready", "custom_logic"];

    private static readonly string[] UncheckedConditions = ["file_validation"];

    /// <summary>Reads one file's text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="fileName">What it is called in messages.</param>
    public RuleParseResult Parse(string yaml, string fileName)
    {
        var bag = new DiagnosticBag();
        var root = YamlLoader.Load(yaml, bag);
        Rule? rule = null;
        if (root is YamlMap map) rule = Compile(map, yaml, fileName, bag);
        else if (root is not null) bag.Error("not-a-rule", root.Mark, $"A rule is a map of keys, not {root.Kind}.");
        return new RuleParseResult(fileName, bag.HasErrors ? null : rule, bag.InOrder());
    }

    // A rule is compiled and looked through as a whole even when it has errors: whoever mends it should see all of them at once
    private Rule? Compile(YamlMap map, string yaml, string fileName, DiagnosticBag bag)
    {
        var templates = new TemplateCompiler(bag);
        var fields = new YamlFields(map, "A rule", bag);
        var name = RuleNames.OfRule(fields, fileName, bag);
        var version = RuleNames.VersionOf(fields, bag);
        var triggers = TriggerReader.Read(fields.Node("trigger"), map.Mark, bag);
        var conditions = ReadConditions(fields, templates, bag);
        var configuration = fields.Map("configuration")?.ToJson() as JsonObject ?? [];
        var errorHandling = ReadErrorHandling(fields, templates, bag);
        var body = new BodyReader(vocabulary, errorHandling, templates, bag).ReadRule(fields.List("steps"), fields.MarkOf("steps"), fields.Node("output"));
        var updates = ReadMemoryUpdates(fields, templates.ForMemory(), bag);
        var inputs = fields.List("input").OfType<YamlText>().Select(input => input.Value).ToList();
        var service = fields.Text("service") ?? "";
        if (service.Length > LongestService) bag.Warn("bad-name", fields.MarkOf("service"), $"A service's name has at most {LongestService} characters; it is cut there.");
        var description = fields.Text("description") ?? "";
        var priority = fields.Choice("priority", Priorities, RulePriority.Medium);
        var mode = fields.Choice("mode", Modes, RuleMode.Orchestrated);
        var durability = fields.Choice("durability", Durabilities, RuleDurability.Step);
        var limits = RuleLimits.Read(fields, bag);
        fields.WarnAboutTheRest();
        if (body is null) return null;

        var rule = new Rule(body, configuration)
        {
            Name = name,
            Version = version,
            Hash = HashOf(yaml),
            Source = yaml,
            FileName = fileName,
            Service = service.Length > LongestService ? service[..LongestService] : service,
            Description = description,
            Priority = priority,
            Mode = mode,
            Durability = durability,
            Limits = limits,
            Triggers = triggers,
            Conditions = conditions,
            MemoryUpdates = updates,
            InputNames = inputs,
        };
        new RuleLinter(rule, vocabulary, templates.Places, bag).Check();
        return rule;
    }

    // A file that was only checked out with other line ends is the same rule
    private static string HashOf(string yaml) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(yaml.ReplaceLineEndings("\n"))));

    private static List<RuleCondition> ReadConditions(YamlFields fields, TemplateCompiler templates, DiagnosticBag bag)
    {
        var conditions = new List<RuleCondition>();
        foreach (var node in fields.List("conditions"))
        {
            if (node is not YamlMap map)
            {
                bag.Warn("bad-value", node.Mark, $"A condition must be a map, not {node.Kind}; it is left out.");
                continue;
            }

            var condition = new YamlFields(map, "A condition", bag);
            var type = condition.RequiredText("type", "it is documentation");
            if (type.Length > 0 && !ConditionTypes.Contains(type, StringComparer.Ordinal))
                bag.Warn("unknown-condition", condition.MarkOf("type"), $"There is no condition '{Suggest.Shorten(type)}'; it is documentation.", Suggest.DidYouMean(type, ConditionTypes));
            var check = condition.RequiredText("check", "nothing is checked");
            var expression = type == "custom_logic" && condition.Node("check") is { } logic ? templates.Expression(logic) : null;
            condition.Node("description");
            condition.WarnAboutTheRest();
            if (UncheckedConditions.Contains(type, StringComparer.Ordinal))
                bag.Warn("condition-not-checked", map.Mark, $"'{type}' isn't checked before a run starts; the rule's own steps must.", "write it as a step, or as custom_logic");
            conditions.Add(new RuleCondition(type, check, map.Mark.Line) { Expression = expression });
        }

        return conditions;
    }

    private static Dictionary<string, FailurePolicy> ReadErrorHandling(YamlFields fields, TemplateCompiler templates, DiagnosticBag bag)
    {
        var reader = new PolicyReader(templates, bag);
        var policies = new Dictionary<string, FailurePolicy>(StringComparer.Ordinal);
        foreach (var entry in fields.Map("error_handling")?.Entries ?? []) policies[entry.Key.Value] = reader.Read(entry.Key.Value, entry.Value);
        return policies;
    }

    private static List<MemoryUpdateTemplate> ReadMemoryUpdates(YamlFields fields, TemplateCompiler templates, DiagnosticBag bag)
    {
        var updates = new List<MemoryUpdateTemplate>();
        // One update may stand alone, without a list
        foreach (var node in fields.Node("memory_bank_updates") is YamlMap single ? [single] : fields.List("memory_bank_updates"))
        {
            if (node is not YamlMap map)
            {
                bag.Warn("bad-value", node.Mark, $"An update must be a map with 'file' and 'update', not {node.Kind}; it is left out.");
                continue;
            }

            var update = new YamlFields(map, "An update", bag);
            var file = update.RequiredText("file", "it is left out");
            var values = update.Map("update");
            if (values is null) bag.Warn("missing-key", map.Mark, "An update needs 'update'; it is left out.");
            else if (file.Length > 0) updates.Add(new MemoryUpdateTemplate(file, templates.CompileMap(values), map.Mark.Line));
            update.WarnAboutTheRest();
        }

        return updates;
    }
}
