using System.Diagnostics;

namespace Dox.Benchmarks.Engine;

/// <summary>So many loops that each start a run, wait for its end, and start the next.</summary>
internal static class Load
{
    /// <returns>Runs a second.</returns>
    public static async Task<double> ThroughputAsync(Func<Task> run, int concurrency, double seconds)
    {
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            for (; watch.Elapsed.TotalSeconds < seconds; count++) await run();
            return count;
        })));
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    /// <returns>The median of a run's milliseconds, one run at a time.</returns>
    public static async Task<double> LatencyAsync(Func<Task> run, double seconds)
    {
        var watch = Stopwatch.StartNew();
        var milliseconds = new List<double>();
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            var began = watch.Elapsed;
            await run();
            milliseconds.Add((watch.Elapsed - began).TotalMilliseconds);
        }

        return Figure.Median(milliseconds);
    }
}
