using System.CommandLine;
using System.Diagnostics;
using Dox.Testing.Processes;

namespace Dox.Benchmarks;

/// <summary><c>start</c>: from <c>dox run</c> to healthy on SQLite, and the memory that it then holds.</summary>
internal static class StartBenchmark
{
    private const int Rounds = 5;

    public static Command Command(Option<bool> gate)
    {
        var command = new Command("start", "dox run to healthy on SQLite; resident memory idle");
        command.SetAction(async (result, _) => Figure.Report("start", await MeasureAsync(), result.GetValue(gate)));
        return command;
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync()
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
            for (var round = 0; round < Rounds; round++)
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
