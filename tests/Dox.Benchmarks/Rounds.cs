using System.Diagnostics;
using Spectre.Console;

namespace Dox.Benchmarks;

/// <summary>Measures two things in turns, so that both meet the same machine: one alone in its own minutes would be measured on another one.</summary>
internal static class Rounds
{
    /// <summary>Two rounds each to warm up (compiling what is called often takes that long where the processors are busy), then <paramref name="count"/> of each; the medians.</summary>
    public static async Task<(double Limit, double Dox)> InterleaveAsync(int count, Func<Task<double>> limit, Func<Task<double>> dox)
    {
        for (var i = 0; i < 2; i++)
        {
            await limit();
            await dox();
        }

        var (limits, doxes) = (new List<double>(), new List<double>());
        for (var round = 1; round <= count; round++)
        {
            var (began, watch) = (ProcessorTime.Now(), Stopwatch.StartNew());
            limits.Add(await limit());
            var (between, seconds) = (ProcessorTime.Now(), watch.Elapsed.TotalSeconds);
            doxes.Add(await dox());
            var (end, more) = (ProcessorTime.Now(), watch.Elapsed.TotalSeconds - seconds);
            AnsiConsole.MarkupLineInterpolated(
                $"[grey]round {round}: limit {Figure.Number(limits[^1])} ({between.Each(began, limits[^1] * seconds)} of processor each, here + in the database), DOX {Figure.Number(doxes[^1])} ({end.Each(between, doxes[^1] * more)})[/]");
        }

        return (Figure.Median(limits), Figure.Median(doxes));
    }
}
