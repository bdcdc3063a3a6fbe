using Dox.Workflows.Actions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>The rules of a folder, read together: a bad file never takes down a good one.</summary>
public sealed class RuleSet
{
    private readonly Dictionary<string, Rule> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Rule> _byHash = new(StringComparer.Ordinal);

    /// <summary>A set of rules that were parsed already.</summary>
    public RuleSet(IEnumerable<RuleParseResult> results)
    {
        var files = new List<RuleParseResult>();
        foreach (var result in results) files.Add(result.Rule is { } rule ? Add(result, rule) : result);
        Files = [.. files.Select(CheckChildren)];
    }

    /// <summary>What became of each file.</summary>
    public IReadOnlyList<RuleParseResult> Files { get; }

    /// <summary>The newest version of every rule.</summary>
    public IEnumerable<Rule> Rules => _newest.Values.OrderBy(rule => rule.Name, StringComparer.Ordinal);

    /// <summary>The newest version of a rule, or null.</summary>
    public Rule? Find(string name) => _newest.GetValueOrDefault(name);

    /// <summary>The very text that a run started with, or null when this set doesn't hold it any more.</summary>
    public Rule? FindByHash(string hash) => _byHash.GetValueOrDefault(hash);

    /// <summary>Reads every <c>*.yaml</c> of the folders; <c>*.tests.yaml</c> stand beside rules and aren't any.</summary>
    /// <exception cref="DirectoryNotFoundException">A folder isn't there.</exception>
    public static RuleSet Load(RuleParser parser, params IEnumerable<string> folders)
    {
        var results = new List<RuleParseResult>();
        foreach (var folder in folders)
            foreach (var file in Directory.EnumerateFiles(folder, "*.y*ml").Order(StringComparer.Ordinal))
                if (Path.GetExtension(file) is ".yaml" or ".yml" && !Path.GetFileNameWithoutExtension(file).EndsWith(".tests", StringComparison.Ordinal))
                    results.Add(ReadFile(parser, file));
        return new RuleSet(results);
    }

    private static RuleParseResult ReadFile(RuleParser parser, string file)
    {
        var name = Path.GetFileName(file);
        try
        {
            // Looked at before reading: a file of a gigabyte must not get into memory only to be refused
            if (new FileInfo(file).Length > RuleParser.LongestText * 4L)
                return Refused(name, "too-large", $"The file is larger than {RuleParser.LongestText * 4L:N0} bytes.");
            return parser.Parse(File.ReadAllText(file), name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Refused(name, "unreadable-file", error.Message);
        }
    }

    private static RuleParseResult Refused(string name, string code, string message)
    {
        var bag = new DiagnosticBag();
        bag.Error(code, YamlMark.Start, message);
        return new RuleParseResult(name, null, bag.InOrder());
    }

    private RuleParseResult Add(RuleParseResult result, Rule rule)
    {
        var twin = _byHash.Values.FirstOrDefault(other => other.Name == rule.Name && other.Version == rule.Version && other.Hash != rule.Hash);
        if (twin is not null)
        {
            var problem = new Diagnostic("duplicate-rule", DiagnosticSeverity.Error,
                $"{rule} stands in {twin.FileName} already, with another content.", "give it another version", 1, 1);
            return result with { Rule = null, Diagnostics = [problem, .. result.Diagnostics] };
        }

        _byHash[rule.Hash] = rule;
        if (!_newest.TryGetValue(rule.Name, out var known) || CompareVersions(known.Version, rule.Version) <= 0) _newest[rule.Name] = rule;
        return result;
    }

    private RuleParseResult CheckChildren(RuleParseResult result)
    {
        if (result.Rule is null) return result;
        var missing = result.Rule.Steps
            .Where(step => step.Operation is RunWorkflow { ConstantRule: { } child } && !_newest.ContainsKey(child))
            .Select(step => new Diagnostic("unknown-rule", DiagnosticSeverity.Warning,
                $"The step '{step.Name}' runs '{((RunWorkflow)step.Operation).ConstantRule}', which isn't there.",
                Suggest.DidYouMean(((RunWorkflow)step.Operation).ConstantRule!, _newest.Keys), step.Line, 1))
            .ToList();
        return missing.Count == 0 ? result : result with { Diagnostics = [.. result.Diagnostics, .. missing] };
    }

    private static int CompareVersions(string left, string right)
    {
        var (leftNumbers, leftTag) = Split(left);
        var (rightNumbers, rightTag) = Split(right);
        var order = leftNumbers.CompareTo(rightNumbers);
        if (order != 0) return order;
        // 1.0.0-beta comes before 1.0.0
        if (leftTag.Length == 0 || rightTag.Length == 0) return rightTag.Length.CompareTo(leftTag.Length);
        return string.CompareOrdinal(leftTag, rightTag);
    }

    private static (Version Numbers, string Tag) Split(string version)
    {
        var parts = version.Split('-', 2);
        return (Version.Parse(parts[0]), parts.Length > 1 ? parts[1] : "");
    }
}
