using System.Globalization;
using Dox.Workflows.Expressions;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Tests.Reference;

internal enum Does
{
    Look,
    Count,
    Wait,
    Ask,
    Parallel,
    ForEach,
    Child,
}

/// <summary>A step of a random rule: what the reference interpreter reads, and what is written as YAML for the product.</summary>
internal sealed record RandomStep(string Name, Does Does)
{
    /// <summary>How many attempts of each visit fail; of a person's step: whether the person refuses.</summary>
    public int Fails { get; init; }

    public int Seconds { get; init; }

    /// <summary>Skipped unless n is below.</summary>
    public int? WhenBelow { get; init; }

    public int Retries { get; init; }

    /// <summary>A policy, or a step's name.</summary>
    public string? OnFailure { get; init; }

    /// <summary>Back to the first step, which counts n up, while n is below.</summary>
    public int? BackWhileBelow { get; init; }

    public bool Completes { get; init; }

    public bool IsUndone { get; init; }

    /// <summary>Of lanes: how many must succeed; 0 means all.</summary>
    public int Join { get; init; }

    public int AtOnce { get; init; } = 1;

    public int Items { get; init; }

    public int? TimeoutSeconds { get; init; }

    /// <summary>Of a step that starts a run: the only one of these are that run's steps.</summary>
    public IReadOnlyList<IReadOnlyList<RandomStep>> Lanes { get; init; } = [];

    /// <summary>Of a step that starts a run: that run's rule.</summary>
    public string ChildRule { get; init; } = "";

    public string Yaml()
    {
        var keys = new List<string> { $"name: {Name}" };
        keys.Add(Does switch
        {
            Does.Look => $"action: flaky, params: {{ fails: {Fails} }}",
            Does.Count => "action: custom_logic, params: { logic: n + 1 }, output: n",
            Does.Wait => $"action: wait, params: {{ seconds: {Seconds} }}",
            Does.Ask => "action: manual_intervention",
            Does.Child => $"action: run_workflow, output: {Name.ToLowerInvariant()}, params: {{ rule: {ChildRule}, input: {{ n: \"${{ n }}\" }} }}",
            Does.Parallel => $"action: parallel, output: {Name.ToLowerInvariant()}, params: {{ {(Join > 0 ? $"join: {(Join == 1 ? "any" : Join.ToString(CultureInfo.InvariantCulture))}, " : "")}branches: {{ {string.Join(", ", Lanes.Select((lane, i) => $"b{i}: {YamlOf(lane)}"))} }} }}",
            _ => $"action: for_each, output: {Name.ToLowerInvariant()}, params: {{ items: \"${{ Array({Items}).fill(n) }}\", concurrency: {AtOnce}, steps: {YamlOf(Lanes[0])} }}",
        });
        if (WhenBelow is { } when) keys.Add($"when: n < {when}");
        if (Retries > 0) keys.Add($"retry: {{ max_attempts: {Retries}, backoff: fixed, base_delay_ms: 40 }}");
        if (OnFailure is not null) keys.Add($"on_failure: {OnFailure}");
        if (BackWhileBelow is { } back) keys.Add($"branches: [{{ when: n < {back}, to: S0 }}]");
        if (Completes) keys.Add("on_success: workflow_complete");
        if (IsUndone) keys.Add("compensate: { action: undo }");
        if (TimeoutSeconds is { } limit) keys.Add($"timeout_seconds: {limit}");
        return $"{{ {string.Join(", ", keys)} }}";
    }

    public static string YamlOf(IReadOnlyList<RandomStep> steps) => $"[{string.Join(", ", steps.Select(step => step.Yaml()))}]";
}

/// <summary>
/// Rules of everything that a step can be, made from bytes: the same bytes always make the same rule, fewer or smaller ones a simpler one, and a
/// rule that failed can be kept as a text of hexadecimal digits.
/// </summary>
/// <param name="bytes">Where every choice comes from.</param>
/// <param name="calm">No lane ends or fails because of another: then the result doesn't depend on which is faster.</param>
/// <param name="children">Steps may start runs of other rules.</param>
internal sealed class RandomRule(byte[] bytes, bool calm = false, bool children = false)
{
    private int _at;
    private int _childRules;

    public static IReadOnlyList<RandomStep> Of(byte[] bytes, bool calm = false, bool children = false) => new RandomRule(bytes, calm, children).Steps(0);

    /// <summary>The steps that start runs, in lanes and in those runs too.</summary>
    public static IEnumerable<RandomStep> StartersIn(IReadOnlyList<RandomStep> steps) =>
        steps.SelectMany(step => step.Lanes.SelectMany(StartersIn).Concat(step.Does == Does.Child ? [step] : []));

    public static Rule Parse(IReadOnlyList<RandomStep> steps, TestVocabulary tests)
    {
        AddActions(tests);
        return ParseSteps(steps, tests, "test_rule");
    }

    /// <summary>The actions that random steps name, but for <c>run_workflow</c>.</summary>
    public static void AddActions(TestVocabulary tests)
    {
        tests.Vocabulary.Add(new ActionDefinition("flaky", "", [new("fails")], async (call, token) =>
        {
            var outcome = await tests.Handle(call, token);
            return call.Attempt <= JsonValues.TryDouble(call.Parameters["fails"]) ? StepOutcome.Failure("flaky", "Not yet.") : outcome is StepOutcome.Succeeded ? StepOutcome.Success() : outcome;
        }));
        tests.Vocabulary.Add(new ActionDefinition("undo", "", [], tests.Handle));
    }

    public static Rule ParseSteps(IReadOnlyList<RandomStep> steps, TestVocabulary tests, string name) =>
        tests.Parse(TestVocabulary.RuleOf("", "", name).Replace("steps:", $"steps: {RandomStep.YamlOf(steps)}", StringComparison.Ordinal));

    private int Choose(int count) => _at < bytes.Length ? bytes[_at++] % count : 0;

    private bool Chance(int of) => Choose(of) == of - 1;

    private List<RandomStep> Steps(int depth)
    {
        var count = 1 + Choose(4);
        var steps = new List<RandomStep> { new("S0", Does.Count) };
        for (var i = 1; i <= count; i++) steps.Add(Step($"S{i}", i == count, depth));
        return steps;
    }

    private RandomStep Step(string name, bool isLast, int depth)
    {
        var step = new RandomStep(name, (Does)Choose(depth < 2 ? 6 : 4)) { Fails = Choose(4) };
        if (children && step.Does == Does.Look && depth < 2 && Chance(2)) step = step with { Does = Does.Child };
        step = step.Does switch
        {
            Does.Wait => step with { Seconds = 1 + Choose(3) },
            Does.Parallel => Parallel(step, depth),
            Does.Child => step with { ChildRule = $"child_{_childRules++}", Lanes = [Steps(depth + 1)] },
            Does.ForEach => step with { Items = Choose(4), AtOnce = 1 + Choose(3), Lanes = [Steps(depth + 1)] },
            _ => step,
        };
        if (step.Does is Does.Parallel or Does.ForEach && !calm && Chance(5)) step = step with { TimeoutSeconds = 2 };
        return step with
        {
            WhenBelow = Chance(5) ? 3 : null,
            Retries = Chance(3) ? 1 + Choose(3) : 0,
            OnFailure = calm ? isLast ? "skip_step" : $"S{name[1] - '0' + 1}" : OnFailure(name, isLast),
            BackWhileBelow = Chance(4) ? 3 : null,
            Completes = Chance(6),
            IsUndone = step.Lanes.Count == 0 && Chance(3),
        };
    }

    private RandomStep Parallel(RandomStep step, int depth)
    {
        var lanes = Enumerable.Range(0, 1 + Choose(3)).Select(_ => (IReadOnlyList<RandomStep>)Steps(depth + 1)).ToList();
        return step with { Lanes = lanes, Join = calm ? 0 : Choose(lanes.Count + 1), AtOnce = lanes.Count };
    }

    private string? OnFailure(string name, bool isLast)
    {
        string?[] ways = [null, "retry", "skip_step", "escalate", "rollback", "reject_request", "manual_intervention", "fail", isLast ? "skip_step" : $"S{name[1] - '0' + 1}"];
        return ways[Choose(ways.Length)];
    }
}
