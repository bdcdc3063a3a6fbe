using System.CommandLine;

namespace Dox.Benchmarks.Engine;

/// <summary><c>commits</c>: database transactions a run of five steps costs, all that the host does included, 64 at once.</summary>
internal static class CommitsBenchmark
{
    private const int Concurrency = 64;

    public static Command Command(RunOptions run) => run.Command(
        "commits", "database transactions a run, 64 at once", result => MeasureAsync(result.GetValue(run.Rounds), result.GetValue(run.Seconds)));

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds, double seconds)
    {
        await using var state = await BenchmarkState.CreateAsync(sqlite: false);
        await using var host = await BenchmarkHost.StartAsync(state);
        var rule = host.RuleOf("step");
        await Load.ThroughputAsync(() => host.RunAsync(rule), Concurrency, seconds);
        var perRun = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var before = await BenchmarkState.CommitsAsync(host.ConnectionString!);
            var runs = 0;
            await Load.ThroughputAsync(() =>
            {
                Interlocked.Increment(ref runs);
                return host.RunAsync(rule);
            }, Concurrency, seconds);
            // Backends report what they committed once a second.
            await Task.Delay(TimeSpan.FromSeconds(1.5));
            perRun.Add((await BenchmarkState.CommitsAsync(host.ConnectionString!) - before) / (double)runs);
        }

        return [new("transactions a run", Figure.Median(perRun), 0.5, 0.25, "")];
    }
}
