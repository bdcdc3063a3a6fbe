using System.Text.Json.Nodes;

namespace Dox.TeamCoordination.MemoryBanks;

/// <summary>
/// <c>WORKFLOW_EXECUTION_LOG.json</c>. Sums count every run there was; lists, indexes and percentiles cover the executions that are kept,
/// and older ones go to dated files.
/// </summary>
internal sealed class ExecutionLog(JsonObject root)
{
    private const string Executions = "executions";
    private const string Recent = "recent_executions";
    private const string Rotated = "rotated_executions";
    private const int KeepRecent = 20;
    private static readonly string[] s_recentKeys = ["workflow_id", "rule_name", "service", "status", "ended_at", "duration_ms"];
    private static readonly (string Index, string Key)[] s_indexes = [("index_by_service", "service"), ("index_by_workflow", "rule_name"), ("index_by_status", "status")];

    /// <param name="row">With its list <c>executions</c>.</param>
    public void AppendAll(JsonObject row)
    {
        foreach (var execution in (JsonArray)row[Executions]!) Append((JsonObject)execution!);
    }

    public void Append(JsonObject execution)
    {
        var status = Text(execution, "status");
        BankMerge.ListOf(root, Executions).Add(execution.DeepClone());

        var summary = BankMerge.MapOf(root, "summary");
        BankMerge.Add(summary, "total_executions", 1);
        if (status is "success" or "completed") BankMerge.Add(summary, "successful_executions", 1);
        else if (status == "failed") BankMerge.Add(summary, "failed_executions", 1);
        BankMerge.Add(BankMerge.MapOf(summary, "by_status"), status, 1);
        summary["last_execution_at"] = execution["ended_at"]?.DeepClone();

        var definition = BankMerge.MapOf(BankMerge.MapOf(root, "workflow_definitions"), Text(execution, "rule_name"));
        definition["version"] = execution["rule_version"]?.DeepClone();
        definition["service"] = execution["service"]?.DeepClone();
        BankMerge.Add(definition, "executions", 1);
        definition["last_execution_at"] = execution["ended_at"]?.DeepClone();

        var id = Text(execution, "workflow_id");
        foreach (var (index, key) in s_indexes) BankMerge.ListOf(BankMerge.MapOf(root, index), Text(execution, key)).Add(id);

        var recent = BankMerge.ListOf(root, Recent);
        recent.Insert(0, new JsonObject(
            s_recentKeys.Select(k => KeyValuePair.Create(k, execution[k]?.DeepClone()))));
        if (recent.Count > KeepRecent) recent.RemoveRange(KeepRecent, recent.Count - KeepRecent);
    }

    /// <summary>
    /// Takes out what is too much. The names and contents of the dated files depend on what stood in the log alone, so a write that is
    /// done again after a crash makes the same files again, not more.
    /// </summary>
    public IReadOnlyList<(string Name, JsonObject Content)> Rotate(int keep)
    {
        var files = new List<(string, JsonObject)>();
        var executions = BankMerge.ListOf(root, Executions);
        var size = Math.Max(1, keep / 2);
        while (executions.Count >= keep + size)
        {
            var old = executions.Take(size).Select(e => e?.DeepClone()).ToArray();
            executions.RemoveRange(0, size);
            Forget(old);
            var first = root[Rotated] is JsonValue value && value.TryGetValue<long>(out var rotated) ? rotated : 0;
            var date = old[0] is JsonObject oldest && Text(oldest, "ended_at") is { Length: >= 10 } ended ? ended[..10].Where(c => char.IsAsciiDigit(c) || c == '-') : "undated";
            files.Add(($"WORKFLOW_EXECUTION_LOG_{string.Concat(date)}_{first:D10}.json", new JsonObject { [Executions] = new JsonArray(old) }));
            BankMerge.Add(root, Rotated, size);
        }

        return files;
    }

    /// <summary>Works out what isn't counted up: percentiles, the rate of success.</summary>
    public void Finish()
    {
        var runs = BankMerge.ListOf(root, Executions).OfType<JsonObject>()
            .Select(e => (Rule: Text(e, "rule_name"), Ms: e["duration_ms"] is JsonValue v && v.TryGetValue<double>(out var ms) ? ms : (double?)null))
            .Where(e => e.Ms is not null).Select(e => (e.Rule, Ms: e.Ms!.Value)).ToList();
        var metrics = BankMerge.MapOf(root, "performance_metrics");
        metrics["unit"] = "ms";
        Percentiles(metrics, runs.Select(r => r.Ms));
        var byWorkflow = new JsonObject();
        foreach (var rule in runs.GroupBy(r => r.Rule, StringComparer.Ordinal))
        {
            var one = new JsonObject();
            Percentiles(one, rule.Select(r => r.Ms));
            byWorkflow[rule.Key] = one;
        }

        metrics["by_workflow"] = byWorkflow;
        var summary = BankMerge.MapOf(root, "summary");
        if (Number(summary, "total_executions") is var total and > 0)
            summary["success_rate_percent"] = Math.Round(100 * Number(summary, "successful_executions") / total, 2);
    }

    private void Forget(JsonNode?[] old)
    {
        foreach (var (index, key) in s_indexes)
        {
            var lists = BankMerge.MapOf(root, index);
            foreach (var group in old.OfType<JsonObject>().GroupBy(e => Text(e, key), StringComparer.Ordinal))
            {
                if (lists[group.Key] is not JsonArray ids) continue;
                var gone = group.Select(e => Text(e, "workflow_id")).ToHashSet(StringComparer.Ordinal);
                ids.RemoveAll(i => i is JsonValue v && v.TryGetValue<string>(out var id) && gone.Contains(id));
                if (ids.Count == 0) lists.Remove(group.Key);
            }
        }
    }

    private static void Percentiles(JsonObject into, IEnumerable<double> durations)
    {
        var sorted = durations.Order().ToArray();
        if (sorted.Length == 0) return;
        into["count"] = sorted.Length;
        foreach (var p in new[] { 50, 95, 99 })
            into[$"p{p}"] = Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(p / 100.0 * sorted.Length) - 1)], 3);
    }

    private static string Text(JsonObject map, string key) => map[key] is JsonValue v && v.TryGetValue<string>(out var text) ? text : "unknown";

    private static double Number(JsonObject map, string key) => map[key] is JsonValue v && v.TryGetValue<double>(out var number) ? number : 0;
}
