using Spectre.Console;

namespace Dox.Benchmarks;

/// <summary>Measures two things in turns, so that both meet the same machine: one alone in its own minutes would be measured on another one.</summary>
internal static class Rounds
{
    /// <summary>One round each to warm up, then <paramref name="count"/> of each; the medians.</summary>
    public static async Task<(double Limit, double Dox)> InterleaveAsync(int count, Func<Task<double>> limit, Func<Task<double>> dox)
    {
        await limit();
        await dox();
        var (limits, doxes) = (new List<double>(), new List<double>());
        for (var round = 1; round <= count; round++)
        {
            limits.Add(await limit());
            doxes.Add(await dox());
            AnsiConsole.MarkupLineInterpolated($"[grey]round {round}: limit {Figure.Number(limits[^1])}, DOX {Figure.Number(doxes[^1])}[/]");
        }

        return (Figure.Median(limits), Figure.Median(doxes));
    }
}
