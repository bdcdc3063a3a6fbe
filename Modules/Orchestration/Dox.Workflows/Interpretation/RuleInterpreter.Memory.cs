using System.Text.Json.Nodes;
using Dox.Workflows.Expressions;
using Dox.Workflows.Rules;

namespace Dox.Workflows.Interpretation;

/// <summary>A memory bank's update, filled in.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Update">What to put into it.</param>
public sealed record MemoryUpdate(string File, JsonObject Update);

/// <content>What a run that ended writes into memory banks.</content>
public sealed partial class RuleInterpreter
{
    private const string OnlyIf = "on_";

    /// <summary>
    /// What the rule writes into memory banks, filled in from a run that ended. File names have <c>[service]</c> and <c>[team]</c> replaced;
    /// <c>"+1"</c>, <c>increment</c> and <c>entry</c> stay as they are, for whoever writes the files. What is under <c>on_…</c> is written only if
    /// that happened, and what a step of the run already wrote isn't written again.
    /// </summary>
    public IReadOnlyList<MemoryUpdate> MemoryUpdatesOf(Rule rule, RunState state)
    {
        CheckRule(rule, state);
        if (rule.MemoryUpdates.Count == 0) return [];
        var scope = new EvaluationScope(Place.OfRun(rule, state), state.EndedAt ?? clock.GetUtcNow(), state.RunId);
        var written = WrittenBySteps(rule, state, scope);
        var happened = new Lazy<HashSet<string>>(() => WhatHappened(state));
        var updates = new List<MemoryUpdate>(rule.MemoryUpdates.Count);
        foreach (var template in rule.MemoryUpdates)
        {
            var (file, values) = (FileNameOf(template.File, rule, state), new JsonObject());
            foreach (var (key, value) in template.Update.Entries)
            {
                if (!key.StartsWith(OnlyIf, StringComparison.Ordinal)) Add(key, EvaluateOrNull(value, scope));
                else if (happened.Value.Contains(key[OnlyIf.Length..])) AddAll(key[OnlyIf.Length..], EvaluateOrNull(value, scope));
            }

            if (values.Count > 0) updates.Add(new MemoryUpdate(file, values));

            void Add(string key, JsonNode? value)
            {
                if (!written.Contains((file, key))) values[key] = value;
            }

            void AddAll(string name, JsonNode? value)
            {
                if (value is not JsonObject map)
                {
                    Add(name, value);
                    return;
                }

                foreach (var (key, inner) in map) Add(key, inner?.DeepClone());
            }
        }

        return updates;
    }

    /// <summary>A bank's name with <c>[service]</c>, <c>[service_name]</c> and <c>[team]</c> of the run put in.</summary>
    public static string FileNameOf(string file, Rule rule, RunState state)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(state);
        var team = JsonValues.TryString(state.Facts?["team"]) ?? "Document";
        return file.Replace("[service_name]", rule.Service, StringComparison.Ordinal)
            .Replace("[service]", rule.Service, StringComparison.Ordinal)
            .Replace("[team]", team, StringComparison.Ordinal);
    }

    private static HashSet<(string File, string Key)> WrittenBySteps(Rule rule, RunState state, EvaluationScope scope)
    {
        var written = new HashSet<(string, string)>();
        foreach (var step in rule.Steps)
        {
            if (step.Action != "update_memory" || !state.Steps.TryGetValue(step.Name, out var result) || result.Status != StepStatus.Success) continue;
            try
            {
                var parameters = step.Operation.Bind(scope);
                foreach (var update in parameters["updates"] is JsonArray several ? several.OfType<JsonObject>() : [parameters])
                    if (JsonValues.TryString(update["file"]) is { } file && update["update"] is JsonObject values)
                        foreach (var (key, _) in values) written.Add((FileNameOf(file, rule, state), key));
            }
            catch (ExpressionException)
            {
                // What it wrote can't be told any more; then it is rather written twice than not at all
            }
        }

        return written;
    }

    /// <summary>Its status, the steps that were done and those that failed (<c>validate_failed</c>), the codes of failures, and the names that are true.</summary>
    private static HashSet<string> WhatHappened(RunState state)
    {
        var happened = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { state.Status.ToString(), state.Status == RunStatus.Success ? "completion" : "failure" };
        if (state.Error is { } ended) happened.Add(ended.Code);
        foreach (var (name, result) in state.Steps)
        {
            var step = name.Replace(' ', '_');
            if (result.Status == StepStatus.Success) happened.Add(step);
            if (result.Error is not { } error) continue;
            happened.Add($"{step}_failed");
            happened.Add(error.Code);
        }

        foreach (var (name, value) in state.Context)
            if (JsonValues.TryBoolean(value) == true) happened.Add(name);
        return happened;
    }
}
