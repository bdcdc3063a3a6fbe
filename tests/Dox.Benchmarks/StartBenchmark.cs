using System.CommandLine;
using System.Diagnostics;
using Dox.Testing.Processes;

namespace Dox.Benchmarks;

/// <summary><c>start</c>: from <c>dox run</c> to healthy on SQLite, as it is published, and the memory that it then holds when nobody asks anything of it.</summary>
internal static class StartBenchmark
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    public static Command Command(RunOptions run) => run.Command(
        "start", "dox run to healthy on SQLite; resident memory idle", result => MeasureAsync(result.GetValue(run.Rounds)));

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("dox-bench-");
        try
        {
            var program = Path.Combine(folder.FullName, "program");
            await PublishedHost.PublishAsync(program);
            var variables = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["DOX_DATA_PATH"] = Path.Combine(folder.FullName, "data"),
                ["CLAMAV_ENABLED"] = "false",
            };
            // The first start makes the databases; the figure is of those after it.
            await using (await HostProcess.StartAsync(variables, program))
            {
            }

            var seconds = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                await using var host = await HostProcess.StartAsync(variables, program);
                seconds.Add(watch.Elapsed.TotalSeconds);
            }

            return
            [
                new("to healthy", Figure.Median(seconds), 1.5, 0.8, "s"),
                new("resident memory", await IdleMegabytesAsync(variables, program), 150, 100, "MB"),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> IdleMegabytesAsync(Dictionary<string, string?> variables, string program)
    {
        await using var host = await HostProcess.StartAsync(variables, program);
        await Task.Delay(Idle);
        return host.ResidentBytes / (1024.0 * 1024);
    }
}
