using System.Globalization;
using System.Text.RegularExpressions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>Reads policies: a name, a map, or, in <c>error_handling</c>, prose, of which the first thing that it says counts.</summary>
internal sealed partial class PolicyReader(TemplateCompiler templates, DiagnosticBag bag)
{
    private static readonly Dictionary<string, PolicyKind> Kinds = new(StringComparer.Ordinal)
    {
        ["retry"] = PolicyKind.Retry,
        ["skip_step"] = PolicyKind.SkipStep,
        ["escalate"] = PolicyKind.Escalate,
        ["rollback"] = PolicyKind.Rollback,
        ["manual_intervention"] = PolicyKind.ManualIntervention,
        ["reject_request"] = PolicyKind.RejectRequest,
        ["fail"] = PolicyKind.Fail,
    };

    public static IEnumerable<string> Names => Kinds.Keys;

    [GeneratedRegex(@"\breturn\s+((an?|the|http|status|error|code)\s+){0,4}(?<status>[45]\d\d)\b", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ReturnStatus();

    [GeneratedRegex(@"^retry\b|\bretry up to\b", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SaysRetry();

    [GeneratedRegex(@"(?<count>\d{1,2})\s*(times|attempts|x\b|retries)|up to (?<count>\d{1,2})", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex RetryCount();

    public static FailurePolicy? ByName(string name) => Kinds.TryGetValue(name, out var kind) ? Plain(kind) : null;

    public static FailurePolicy Plain(PolicyKind kind) =>
        kind == PolicyKind.Retry ? new FailurePolicy(kind) { Retry = RetryPlan.Default } : new FailurePolicy(kind);

    public FailurePolicy Read(string key, YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                return ReadMap(map);
            case YamlText text when ByName(text.Value.Trim()) is { } named:
                return named;
            case YamlText { Value.Length: > 0 } text:
                var taken = FromProse(text.Value);
                bag.Warn("prose-policy", text.Mark, $"'{Suggest.Shorten(key)}' is prose; it is taken as {taken.Name}{Numbers(taken)}.{Notice(taken)}", "write the policy's name");
                return taken;
            default:
                bag.Warn("bad-policy", node.Mark, $"'{Suggest.Shorten(key)}' must be a policy: {string.Join(", ", Kinds.Keys)}; escalate is taken.");
                return Plain(PolicyKind.Escalate);
        }
    }

    private FailurePolicy ReadMap(YamlMap map)
    {
        var fields = new YamlFields(map, "A policy", bag);
        var kind = ReadKind(fields);
        var policy = Plain(kind) with { Message = Compiled(fields, "message") };
        if (kind == PolicyKind.RejectRequest) policy = policy with { Status = Compiled(fields, "status") };
        if (kind == PolicyKind.ManualIntervention) policy = policy with { Team = Compiled(fields, "team") };
        if (kind == PolicyKind.Retry)
        {
            policy = policy with { Retry = RetryReader.Read(fields, map, templates, RetryPlan.Default, bag) };
            if (fields.Text("then") is { } then)
            {
                if (ByName(then) is { Kind: not PolicyKind.Retry } next) policy = policy with { Then = next };
                else bag.Warn("bad-policy", fields.MarkOf("then"), $"'{Suggest.Shorten(then)}' is no policy that can follow a retry; fail is taken.", Suggest.DidYouMean(then, Kinds.Keys));
            }
        }

        fields.WarnAboutTheRest();
        return policy;
    }

    private PolicyKind ReadKind(YamlFields fields)
    {
        var name = fields.RequiredText("policy", "escalate is taken");
        if (name.Length == 0) return PolicyKind.Escalate;
        if (Kinds.TryGetValue(name, out var kind)) return kind;
        var taken = FromProse(name);
        bag.Warn("bad-policy", fields.MarkOf("policy"), $"'{Suggest.Shorten(name)}' is no policy; it is taken as {taken.Name}.",
            Suggest.DidYouMean(name, Kinds.Keys) ?? $"the policies are {string.Join(", ", Kinds.Keys)}");
        return taken.Kind;
    }

    private Template? Compiled(YamlFields fields, string key) => fields.Node(key) is { } node ? templates.ForErrors().Compile(node) : null;

    private static string Numbers(FailurePolicy policy) => policy switch
    {
        { Kind: PolicyKind.Retry, Retry: { } plan } => $" ({plan.MaxAttempts - 1} more attempts)",
        { Status: { } status } when status.TryConstant(out var value) => $" with {value}",
        _ => "",
    };

    // Such prose promises that the submitter is told
    private static string Notice(FailurePolicy policy) =>
        policy.Kind == PolicyKind.Fail ? " The submitter finds the reason in the document's status, and subscribers in the workflow_failed event." : "";

    private static FailurePolicy FromProse(string prose)
    {
        if (ReturnStatus().Match(prose) is { Success: true } status)
            return Plain(PolicyKind.RejectRequest) with { Status = new ConstantTemplate(int.Parse(status.Groups["status"].Value, CultureInfo.InvariantCulture)) };
        if (Says(prose, "continue", "skip")) return Plain(PolicyKind.SkipStep);
        if (SaysRetry().IsMatch(prose))
        {
            var more = RetryCount().Match(prose) is { Success: true } count ? int.Parse(count.Groups["count"].Value, CultureInfo.InvariantCulture) : 3;
            return new FailurePolicy(PolicyKind.Retry) { Retry = RetryPlan.Default with { MaxAttempts = Math.Max(1, more) + 1 } };
        }

        if (Says(prose, "human", "manual", "review")) return Plain(PolicyKind.ManualIntervention);
        if ((Says(prose, "mark") && Says(prose, "failed")) || Says(prose, "unprocessable", "unable")) return Plain(PolicyKind.Fail);
        return Plain(PolicyKind.Escalate);
    }

    private static bool Says(string prose, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
            if (prose.Contains(word, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}

/// <summary>Reads the numbers of a retry.</summary>
internal static class RetryReader
{
    private static readonly Dictionary<string, bool> Backoffs = new(StringComparer.Ordinal) { ["exponential"] = true, ["fixed"] = false };

    public static RetryPlan? OfStep(YamlMap? map, TemplateCompiler templates, DiagnosticBag bag)
    {
        if (map is null) return null;
        var fields = new YamlFields(map, "A retry", bag);
        var plan = Read(fields, map, templates, RetryPlan.Default with { Factor = 2 }, bag);
        fields.WarnAboutTheRest();
        return plan;
    }

    public static RetryPlan Read(YamlFields fields, YamlMap map, TemplateCompiler templates, RetryPlan fallback, DiagnosticBag bag)
    {
        var backoff = fields.Choice("backoff", Backoffs, fallback.Exponential);
        var baseDelay = (int)(fields.Number("base_delay_ms", 0, 86_400_000) ?? fallback.BaseDelayMs);
        var maxDelay = (int)(fields.Number("max_delay_ms", 0, 86_400_000) ?? Math.Max(fallback.MaxDelayMs, baseDelay));
        var plan = fallback with
        {
            MaxAttempts = (int)(fields.Number("max_attempts", 1, 100) ?? fallback.MaxAttempts - 1) + 1,
            Exponential = backoff,
            BaseDelayMs = baseDelay,
            MaxDelayMs = maxDelay,
            Jitter = fields.Boolean("jitter") ?? false,
            When = fields.Node("when") is { } when ? templates.ForErrors().Expression(when) : null,
        };
        if (maxDelay >= baseDelay) return plan;
        bag.Warn("bad-number", map["max_delay_ms"]?.Mark ?? map.Mark, "'max_delay_ms' is less than 'base_delay_ms', which is taken for both.");
        return plan with { MaxDelayMs = baseDelay };
    }
}
