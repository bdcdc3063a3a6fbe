using Dox.Workflows.Actions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>The rules of a folder, read together: a bad file never takes down a good one.</summary>
public sealed class RuleSet
{
    private const int DeepestNames = 4;

    private readonly Dictionary<string, Rule> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Rule> _byHash = new(StringComparer.Ordinal);

    private readonly IReadOnlyList<OwnRoute> _ownRoutes;

    /// <summary>A set of rules that were parsed already.</summary>
    /// <param name="results">What came of each file.</param>
    /// <param name="ownRoutes">What the host answers itself; a rule can't have it.</param>
    public RuleSet(IEnumerable<RuleParseResult> results, IReadOnlyList<OwnRoute>? ownRoutes = null)
    {
        _ownRoutes = ownRoutes ?? [];
        var files = new List<RuleParseResult>();
        foreach (var result in results) files.Add(result.Rule is { } rule ? Add(result, rule) : result);
        Files = [.. files.Select(CheckTogether)];
    }

    /// <summary>What became of each file.</summary>
    public IReadOnlyList<RuleParseResult> Files { get; }

    /// <summary>The newest version of every rule.</summary>
    public IEnumerable<Rule> Rules => _newest.Values.OrderBy(rule => rule.Name, StringComparer.Ordinal);

    /// <summary>The newest version of a rule, or null.</summary>
    public Rule? Find(string name) => _newest.GetValueOrDefault(name);

    /// <summary>The very text that a run started with, or null when this set doesn't hold it any more.</summary>
    public Rule? FindByHash(string hash) => _byHash.GetValueOrDefault(hash);

    /// <summary>The names by which a rule's steps can be mocked: its own, and those of rules that run inside them, by path too (<c>Step/Inner step</c>).</summary>
    public IReadOnlyList<string> StepsOf(Rule rule) => StepsOf(rule, 0);

    private List<string> StepsOf(Rule rule, int depth)
    {
        var names = new List<string>();
        foreach (var step in rule.AllSteps)
        {
            names.Add(step.Name);
            if (depth < DeepestNames && ChildOf(step) is { } name && Find(name) is { Mode: RuleMode.Embedded } child)
                names.AddRange(StepsOf(child, depth + 1).SelectMany(inner => new[] { inner, $"{step.Name}/{inner}" }));
        }

        return [.. names.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Reads every <c>*.yaml</c> of the folders; <c>*.tests.yaml</c> stand beside rules and aren't any.</summary>
    /// <exception cref="DirectoryNotFoundException">A folder isn't there.</exception>
    public static RuleSet Load(RuleParser parser, params IEnumerable<string> folders) =>
        new(folders.SelectMany(FilesIn).Select(file => ReadFile(parser, file, Path.GetFileName(file))));

    /// <summary>Reads these files, which messages name as they are given.</summary>
    public static RuleSet LoadFiles(RuleParser parser, IEnumerable<string> files, IReadOnlyList<OwnRoute>? ownRoutes = null) =>
        new(files.Select(file => ReadFile(parser, file, file)), ownRoutes);

    /// <summary>The requests that start rules, by method and relative path: of two rules with one route the first in alphabetical order has it, and what the host answers itself no rule has.</summary>
    public IEnumerable<(string Method, string Path, Rule Rule)> Routes() =>
        Rules.SelectMany(rule => rule.Triggers, (rule, trigger) => (Rule: rule, Trigger: trigger))
            .Where(start => start.Trigger.Type == RuleTriggerType.ApiRequest && OwnerOf(start.Trigger) is null)
            .DistinctBy(start => KeyOf(start.Trigger), StringComparer.Ordinal)
            .Select(start => (start.Trigger.Method!, RulePath.Relative(start.Trigger.Path!)!, start.Rule));

    /// <summary>The files of a folder that hold rules.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder isn't there.</exception>
    public static IEnumerable<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder, "*.y*ml")
            .Where(file => Path.GetExtension(file) is ".yaml" or ".yml" && !Path.GetFileNameWithoutExtension(file).EndsWith(".tests", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    /// <summary>Reads one file.</summary>
    /// <param name="parser">Compiles it.</param>
    /// <param name="file">Its path.</param>
    /// <param name="name">What messages call it.</param>
    public static RuleParseResult ReadFile(RuleParser parser, string file, string name)
    {
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

    // What only shows when all files are looked at together
    private RuleParseResult CheckTogether(RuleParseResult result)
    {
        if (result.Rule is not { } rule || Find(rule.Name) != rule) return result;
        Diagnostic[] found = [.. MissingChildren(rule), .. SameTriggers(rule), .. RoutesOfTheHost(rule)];
        return found.Length == 0 ? result : result with { Diagnostics = [.. result.Diagnostics.Concat(found).OrderBy(diagnostic => diagnostic.Line).ThenBy(diagnostic => diagnostic.Column)] };
    }

    private IEnumerable<Diagnostic> MissingChildren(Rule rule) =>
        from step in rule.AllSteps
        let child = ChildOf(step)
        where child is not null && !_newest.ContainsKey(child)
        select new Diagnostic("unknown-rule", DiagnosticSeverity.Warning,
            $"The step '{step.Name}' runs '{child}', which isn't there; it will fail.", Suggest.DidYouMean(child, _newest.Keys), step.Line, step.Column);

    private IEnumerable<Diagnostic> SameTriggers(Rule rule) =>
        from trigger in rule.Triggers
        let key = KeyOf(trigger)
        where key is not null
        from other in Rules
        where other != rule && other.Triggers.Any(twin => KeyOf(twin) == key)
        select new Diagnostic("same-trigger", DiagnosticSeverity.Warning, Overlap(rule, other, trigger.Type == RuleTriggerType.ApiRequest ? $"{trigger.Method} {trigger.Path}" : key, trigger.Type), null, trigger.Line, 1);

    private IEnumerable<Diagnostic> RoutesOfTheHost(Rule rule) =>
        from trigger in rule.Triggers
        where trigger.Type == RuleTriggerType.ApiRequest
        let own = OwnerOf(trigger)
        where own is not null && own.Rule != rule.Name
        select new Diagnostic("own-route", DiagnosticSeverity.Warning,
            $"DOX answers {trigger.Method} {trigger.Path} itself{(own.Rule is null ? "" : $", by '{own.Rule}'")}; '{rule.Name}' isn't started by it.", "choose another path", trigger.Line, 1);

    private OwnRoute? OwnerOf(RuleTrigger trigger) =>
        RulePath.Relative(trigger.Path!) is { } path ? _ownRoutes.FirstOrDefault(own => own.Method == trigger.Method && RulePath.Overlap(own.Path, path)) : null;

    private static string Overlap(Rule rule, Rule other, string key, RuleTriggerType type)
    {
        if (type != RuleTriggerType.ApiRequest) return $"{key} starts '{other.Name}' too ({other.FileName}); both run.";
        var first = string.CompareOrdinal(rule.Name, other.Name) < 0 ? rule : other;
        var second = first == rule ? other : rule;
        var named = first.AllSteps.Any(step => ChildOf(step) == second.Name) || second.Triggers.Any(trigger => trigger.Type == RuleTriggerType.Cascade && trigger.Name == first.Name);
        return $"{key} is the route of '{other.Name}' too ({other.FileName}): '{first.Name}' answers it, and '{second.Name}' {(named ? "runs when that names it" : "never runs by it, for the first doesn't name it")}.";
    }

    private static string? KeyOf(RuleTrigger trigger) => trigger.Type switch
    {
        RuleTriggerType.ApiRequest => $"{trigger.Method} {RulePath.Shape(RulePath.Relative(trigger.Path!)!)}",
        RuleTriggerType.Event => $"The event {trigger.Name}",
        RuleTriggerType.Cascade => $"The end of {trigger.Name}",
        _ => null,
    };

    private static string? ChildOf(RuleStep step) => step.Operation is RunWorkflow { ConstantRule: { } child } ? child : null;

    /// <summary>Lower versions first; <c>1.0.0-beta</c> comes before <c>1.0.0</c>.</summary>
    public static IComparer<string> VersionOrder { get; } = Comparer<string>.Create(CompareVersions);

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
