using System.CommandLine;

namespace Dox.Benchmarks.Engine;

/// <summary><c>allocation</c>: bytes allocated a run, by whatever this process does meanwhile.</summary>
internal static class AllocationBenchmark
{
    private const int Concurrency = 64;

    public static Command Command(RunOptions run) => run.Command(
        "allocation", "bytes allocated a run", result => MeasureAsync(result.GetValue(run.Rounds), result.GetValue(run.Seconds)));

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds, double seconds)
    {
        await using var state = await BenchmarkState.CreateAsync(sqlite: false);
        await using var host = await BenchmarkHost.StartAsync(state);
        var rule = host.RuleOf("step");
        await Load.ThroughputAsync(() => host.RunAsync(rule), Concurrency, seconds);
        var kilobytes = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var runs = 0;
            await Load.ThroughputAsync(() =>
            {
                Interlocked.Increment(ref runs);
                return host.RunAsync(rule);
            }, Concurrency, seconds);
            kilobytes.Add((GC.GetTotalAllocatedBytes(precise: true) - before) / 1024.0 / runs);
        }

        return [new("allocated a run", Figure.Median(kilobytes), 40, 10, "KB")];
    }
}
