using System.Text.Json.Nodes;
using Dox.TeamCoordination.MemoryBanks;

namespace Dox.TeamCoordination.Tests.MemoryBanks;

internal sealed class ExecutionLogTests
{
    [Test]
    public void Runs_are_counted_indexed_and_measured()
    {
        var root = new JsonObject();
        Append(root, 1, 100);
        for (var i = 2; i <= 100; i++) Append(root, i, i == 100 ? 1000 : i, i % 10 == 0 ? "failed" : "success", i % 2 == 0 ? "upload" : "sync");
        new ExecutionLog(root).Finish();

        Assert.Multiple(() =>
        {
            Assert.That((int)root["summary"]!["total_executions"]!, Is.EqualTo(100));
            Assert.That((int)root["summary"]!["failed_executions"]!, Is.EqualTo(10));
            Assert.That((double)root["summary"]!["success_rate_percent"]!, Is.EqualTo(90));
            Assert.That(root["index_by_workflow"]!["upload"]!.AsArray(), Has.Count.EqualTo(51));
            Assert.That(root["index_by_status"]!["failed"]!.AsArray(), Has.Count.EqualTo(10));
            Assert.That(root["index_by_service"]!["svc"]!.AsArray(), Has.Count.EqualTo(100));
            Assert.That(root["recent_executions"]!.AsArray().Select(r => (string?)r!["workflow_id"]).Take(2), Is.EqualTo(new[] { "wf_100", "wf_99" }));
            Assert.That(root["recent_executions"]!.AsArray(), Has.Count.EqualTo(20));
            Assert.That(((double)root["performance_metrics"]!["p50"]!, (double)root["performance_metrics"]!["p95"]!, (double)root["performance_metrics"]!["p99"]!), Is.EqualTo((51.0, 96.0, 100.0)));
            Assert.That((string?)root["workflow_definitions"]!["upload"]!["version"], Is.EqualTo("1.0.0"));
        });
    }

    [Test]
    public void What_is_too_much_goes_to_dated_files_and_the_sums_stay()
    {
        var root = new JsonObject();
        for (var i = 0; i < 47; i++) Append(root, i, i);
        var files = new ExecutionLog(root).Rotate(20);

        Assert.That(files.Select(f => f.Name), Is.EqualTo(new[] { "WORKFLOW_EXECUTION_LOG_2026-03-02_0000000000.json", "WORKFLOW_EXECUTION_LOG_2026-03-02_0000000010.json" }));
        Assert.That(files.SelectMany(f => Ids(f.Content)), Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"wf_{i}")));
        Assert.That(Ids(root), Is.EqualTo(Enumerable.Range(20, 27).Select(i => $"wf_{i}")));
        Assert.That(root["index_by_service"]!["svc"]!.AsArray().Select(i => (string?)i), Is.EqualTo(Enumerable.Range(20, 27).Select(i => $"wf_{i}")));
        Assert.That((int)root["summary"]!["total_executions"]!, Is.EqualTo(47));
        Assert.That(new ExecutionLog(root).Rotate(20), Is.Empty);
    }

    private static IEnumerable<string?> Ids(JsonObject log) => log["executions"]!.AsArray().Select(e => (string?)e!["workflow_id"]);

    private static void Append(JsonObject root, int i, double ms, string status = "success", string rule = "upload") => new ExecutionLog(root).Append(JsonNode.Parse(
        $$"""{"workflow_id":"wf_{{i}}","rule_name":"{{rule}}","rule_version":"1.0.0","service":"svc","status":"{{status}}","started_at":"2026-03-02T09:00:00Z","ended_at":"2026-03-02T09:00:01Z","duration_ms":{{ms}}}""")!.AsObject());
}
