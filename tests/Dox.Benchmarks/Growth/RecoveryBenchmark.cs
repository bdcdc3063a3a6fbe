using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Dox.Testing.Processes;
using Npgsql;

namespace Dox.Benchmarks.Growth;

/// <summary>
/// <c>recovery</c>: a host that holds ten thousand runs is killed, and started again. Measured is the time from that start until nothing of the
/// killed one's is left lying; then each run must end, and each effect be there once.
/// </summary>
internal static class RecoveryBenchmark
{
    private const int OfEach = 10;

    public static Command Command(RunOptions run)
    {
        var runs = new Option<int>("--runs") { Description = "Runs in flight.", DefaultValueFactory = _ => 10_000 };
        return run.Command("recovery", "ten thousand runs in flight, kill -9, start", result => MeasureAsync(result.GetValue(runs)), runs);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int runs)
    {
        await using var state = await BenchmarkState.CreateAsync(sqlite: false);
        var database = await state.CreateDatabaseAsync();
        var rules = Directory.CreateDirectory(Path.Combine(state.Folder, "rules")).FullName;
        await File.WriteAllTextAsync(Path.Combine(rules, "plain.yaml"), RuleText("plain", "- { name: Effect, action: data_transform, params: { mappings: { a: 1 } } }"));
        await File.WriteAllTextAsync(Path.Combine(rules, "effect.yaml"), RuleText("effect", "- { name: Effect, action: store_result, params: { table: effects, data: { of: \"${ run.id }\" } } }"));
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["DOX_DATA_PATH"] = Path.Combine(state.Folder, "data"),
            ["CLAMAV_ENABLED"] = "false",
            ["Dox__Database__ConnectionString"] = database,
            ["Dox__Rules__Path__0"] = rules,
            ["Dox__Engine__MaxQueueLag"] = "00:00:00",
            ["Dox__Validation__RateLimit__WorkflowStartsPerUserPerDay"] = "100000000",
        };
        await using var source = NpgsqlDataSource.Create(database);

        var until = TimeProvider.System.GetUtcNow().AddSeconds(20 + (runs / 200.0));
        // The first one sits the wait out in memory: it holds all runs, at their wait or before it
        await using (var first = await HostProcess.StartAsync(new Dictionary<string, string?>(variables, StringComparer.Ordinal) { ["Dox__Engine__LongestPause"] = "01:00:00" }))
        {
            await Parallel.ForEachAsync(Enumerable.Range(0, runs), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            {
                using var answer = await first.Client.PostAsJsonAsync(
                    new Uri("/api/v1/workflows", UriKind.Relative), new { rule_name = i % OfEach == 0 ? "effect" : "plain", context = new { until = until.ToString("O", CultureInfo.InvariantCulture) } }, CancellationToken.None);
                answer.EnsureSuccessStatusCode();
            });
            await first.KillAsync();
        }

        if (until > TimeProvider.System.GetUtcNow()) await Task.Delay(until - TimeProvider.System.GetUtcNow());
        var inFlight = await CountAsync(source, "SELECT count(*) FROM orchestration.open_runs WHERE owner IS NOT NULL");
        var killed = (string)(await source.CreateCommand("SELECT max(owner) FROM orchestration.open_runs").ExecuteScalarAsync())!;
        var watch = Stopwatch.StartNew();
        await using var second = await HostProcess.StartAsync(variables);
        var healthy = watch.Elapsed.TotalSeconds;
        while (await CountAsync(source, $"SELECT count(*) FROM orchestration.open_runs WHERE owner = '{killed}'") > 0) await Task.Delay(20);
        var seconds = watch.Elapsed.TotalSeconds;
        while (await CountAsync(source, "SELECT count(*) FROM orchestration.open_runs") > 0) await Task.Delay(50);

        var lost = runs - await CountAsync(source, "SELECT count(*) FROM orchestration.ended_runs WHERE status = 'Success'");
        var effects = await CountAsync(source, "SELECT count(*) FROM orchestration.results");
        var of = $"{Figure.Number(inFlight)} in flight, healthy after {Figure.Number(healthy)} s, all ended after {Figure.Number(watch.Elapsed.TotalSeconds)} s";
        return
        [
            new("all going on", seconds, 5, 2, "s") { Of = of },
            new("lost", lost, 0, 0, "runs"),
            new("effects lost or doubled", Math.Abs(effects - ((runs + OfEach - 1) / OfEach)), 0, 0, "") { Of = $"{Figure.Number(effects)} effects" },
        ];
    }

    private static string RuleText(string name, string effect) => $$"""
        name: {{name}}
        service: Benchmarks
        version: "1.0.0"
        description: Begins, waits, has its effect.
        trigger: { type: manual, source: a benchmark }
        steps:
          - { name: Begin, action: data_transform, params: { mappings: { begun: true } } }
          - { name: Hold, action: wait, params: { until: "${ input.until }" } }
          {{effect}}
        """;

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
