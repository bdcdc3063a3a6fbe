using System.CommandLine;
using System.Diagnostics;
using Dox.Testing.Processes;

namespace Dox.Benchmarks;

/// <summary><c>start</c>: from <c>dox run</c> to healthy on SQLite, and the memory that it then holds.</summary>
internal static class StartBenchmark
{
    public static Command Command(RunOptions run) =>
        run.Command("start", "dox run to healthy on SQLite; resident memory idle", result => MeasureAsync(result.GetValue(run.Rounds)));

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("dox-bench-");
        try
        {
            var variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["DOX_DATA_PATH"] = folder.FullName, ["CLAMAV_ENABLED"] = "false" };
            // The first start makes the databases; the figure is of those after it.
            await using (await HostProcess.StartAsync(variables))
            {
            }

            var (seconds, megabytes) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                await using var host = await HostProcess.StartAsync(variables);
                seconds.Add(watch.Elapsed.TotalSeconds);
                megabytes.Add(host.ResidentBytes / (1024.0 * 1024));
            }

            return [new("to healthy", Figure.Median(seconds), 1.5, 0.8, "s"), new("resident memory", Figure.Median(megabytes), 150, 100, "MB")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
