using System.CommandLine;
using Dox.Benchmarks.Engine;

namespace Dox.Benchmarks.Growth;

/// <summary><c>growth</c>: <c>engine</c> on a database with a million ended runs, their journals and a thousand rule versions, beside an empty one on the same server.</summary>
internal static class GrowthBenchmark
{
    private const int Concurrency = 64;
    private const int RuleVersions = 1000;

    public static Command Command(RunOptions run)
    {
        var runs = new Option<int>("--runs") { Description = "Ended runs that are stored.", DefaultValueFactory = _ => 1_000_000 };
        return run.Command(
            "growth", "engine with a million ended runs and a thousand rule versions stored, beside an empty database",
            result => MeasureAsync(result.GetValue(runs), result.GetValue(run.Rounds), result.GetValue(run.Seconds)), runs);
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int runs, int rounds, double seconds)
    {
        await using var state = await BenchmarkState.CreateAsync(sqlite: false);
        await using var small = await BenchmarkHost.StartAsync(state);
        await using var large = await BenchmarkHost.StartAsync(state, new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOX_DATA_PATH"] = Path.Combine(state.Folder, "large") });
        var (rule, same) = (small.RuleOf("step"), large.RuleOf("step"));
        await large.RunAsync(same);
        await StoredRuns.CopyAsync(large.ConnectionString!, runs, journal: true);
        await StoredRuns.CopyRuleVersionsAsync(large.ConnectionString!, RuleVersions);

        var (empty, grown) = await Rounds.InterleaveAsync(
            rounds, () => Load.ThroughputAsync(() => small.RunAsync(rule), Concurrency, seconds), () => Load.ThroughputAsync(() => large.RunAsync(same), Concurrency, seconds));
        return
        [
            new("slower", (empty - grown) / empty * 100, 5, 1, "%") { Of = $"empty {Figure.Number(empty)} runs/s, with {Figure.Number(runs)} ended runs {Figure.Number(grown)} runs/s" },
        ];
    }
}
