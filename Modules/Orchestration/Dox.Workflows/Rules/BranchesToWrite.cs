using System.Text.RegularExpressions;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules.Yaml;

namespace Dox.Workflows.Rules;

/// <summary>
/// The <c>branches</c> that stand for a prose target: its author mostly wrote the conditions down somewhere in the step's parameters, and the
/// names of the steps in the prose.
/// </summary>
internal static partial class BranchesToWrite
{
    private const int Most = 6;
    private static readonly string[] ConditionKeys = ["when", "if", "condition", "check", "case"];
    private static readonly string[] TargetKeys = ["to", "then", "next", "next_step", "step", "goto", "action", "route", "target"];

    [GeneratedRegex(@"[<>]=?|[=!]==?|\bin\b|&&|\|\|", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\s*(->|=>|→|:\s|\bthen\b)\s*", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Arrow();

    public static string Suggest(YamlMap? parameters, string prose, IReadOnlyList<string> steps)
    {
        var found = new List<(string When, string? To)>();
        if (parameters is not null) Collect(parameters, steps, found);
        // Those that the prose names are the likeliest targets, in its order
        var named = new Queue<string>(steps.Where(step => prose.Contains(step, StringComparison.OrdinalIgnoreCase))
            .OrderBy(step => prose.IndexOf(step, StringComparison.OrdinalIgnoreCase))
            .Except(found.Select(branch => branch.To).OfType<string>(), StringComparer.Ordinal));
        var branches = found.Take(Most).Select(branch => $"{{ when: {Quote(branch.When)}, to: {branch.To ?? Next(named) ?? "…"} }}").ToList();
        if (branches.Count == 0) branches.Add($"{{ when: …, to: {Next(named) ?? steps[0]} }}");
        branches.Add($"{{ to: {Next(named) ?? steps[^1]} }}");
        return $"branches: [{string.Join(", ", branches)}]";
    }

    private static void Collect(YamlNode node, IReadOnlyList<string> steps, List<(string When, string? To)> found)
    {
        switch (node)
        {
            case YamlList list:
                foreach (var item in list.Items) Collect(item, steps, found);
                break;
            case YamlMap map when ConditionKeys.Select(key => map[key]).OfType<YamlText>().FirstOrDefault() is { } condition && IsCondition(condition.Value):
                found.Add((condition.Value.Trim(), TargetKeys.Select(key => map[key]).OfType<YamlText>().Select(text => StepIn(text.Value, steps)).FirstOrDefault(step => step is not null)));
                break;
            case YamlMap map:
                foreach (var entry in map.Entries)
                {
                    if (entry.Value is not YamlText text) Collect(entry.Value, steps, found);
                    else if (IsCondition(entry.Key.Value)) found.Add((entry.Key.Value, StepIn(text.Value, steps)));
                    else if (IsCondition(text.Value)) found.Add((text.Value.Trim(), StepIn(entry.Key.Value, steps)));
                    else CollectArrow(text.Value, steps, found);
                }

                break;
            case YamlText text:
                CollectArrow(text.Value, steps, found);
                break;
        }
    }

    // "confidence > 0.85 -> Accept"
    private static void CollectArrow(string text, IReadOnlyList<string> steps, List<(string When, string? To)> found)
    {
        if (Arrow().Match(text) is { Success: true } arrow && IsCondition(text[..arrow.Index]))
            found.Add((text[..arrow.Index].Trim(), StepIn(text[(arrow.Index + arrow.Length)..], steps)));
    }

    private static bool IsCondition(string text)
    {
        if (text.Length > 200 || !Comparison().IsMatch(text)) return false;
        try
        {
            Expression.Parse(text.Trim());
            return true;
        }
        catch (ExpressionException)
        {
            return false;
        }
    }

    private static string? StepIn(string text, IReadOnlyList<string> steps) =>
        steps.FirstOrDefault(step => text.Contains(step, StringComparison.OrdinalIgnoreCase)) ?? Rules.Suggest.Nearest(text.Trim(), steps);

    private static string? Next(Queue<string> named) => named.TryDequeue(out var name) ? name : null;

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
