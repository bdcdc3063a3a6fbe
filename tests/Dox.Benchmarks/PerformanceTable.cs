using System.Globalization;
using System.Runtime.InteropServices;
using Dox.Testing;

namespace Dox.Benchmarks;

/// <summary>The table in docs/reference/performance.md: each benchmark's last figures, with the command that measured them.</summary>
internal static class PerformanceTable
{
    private const string Head =
        """
        # Performance

        Written by the benchmarks (`--write`); what each row means stands below. A gate must hold, an aim is what we are after. Ratios are of a limit that
        was measured beside DOX in the same minutes on the same machine: the absolute figures are this machine's, the ratios travel.

            dotnet run -c Release --project tests/Dox.Benchmarks -- all --gate --write

        """;

    private const string Tail =
        """

        ## What is measured
        - `engine`: durable runs of five in-process steps, a checkpoint each, beside a *floor*: sixty lines of a hand-written engine that updates a row and
          inserts another for each step and commits in groups, without rules, leases, journal or recovery. `--sqlite`: with FULL sync. `--durability ends`: two
          durable points a run. `--latency`: one run at a time.
        - `commits`, `allocation`: transactions, and bytes allocated, for each run.
        - `recovery`: a host holds ten thousand runs, is killed with `kill -9`, and started again; measured until none of its runs is left lying.
        - `growth`: `engine` on a database with a million ended runs, their journals and a thousand rule versions, beside an empty one.
        - `page`: a page of fifty of the list of runs, over HTTP, with a million stored.
        - `upload`: documents through five steps with a real scanner, beside the scanner alone.
        - `upload --memory`: the published host's resident memory while 200 uploads of 50 MB come at once.
        - `attack`: files of about a megabyte that inflate to a gigabyte: the time to refuse each, and what host and reader take on for it, at their highest.
        - `transport`: a request to a module of another process and its answer over Redis, beside the same bytes sent there and back by `XADD` and
          `XREADGROUP` alone; and events that the other process commits, beside entries that are added pipelined and read there.
        - `start`: the published host from its command to healthy on SQLite, and its resident memory after twenty idle seconds.
        - `hostile`: rules that are made to hurt, the worst time until each is refused or stopped; and that the process is unharmed.
        - `match`: the words of a page against a thousand templates, each learned from one sample, beside scoring every one of them.
        """;

    private static string File => Path.Combine(Repository.Root, "docs", "reference", "performance.md");

    /// <summary>Puts the figures in the place of those that the same command measured before.</summary>
    public static async Task WriteAsync(string command, IReadOnlyList<Figure> figures)
    {
        var old = System.IO.File.Exists(File) ? await System.IO.File.ReadAllLinesAsync(File) : [];
        var rows = old.Where(l => l.StartsWith("| `", StringComparison.Ordinal)).ToList();
        var at = rows.FindIndex(l => l.StartsWith($"| `{command}` |", StringComparison.Ordinal));
        rows.RemoveAll(l => l.StartsWith($"| `{command}` |", StringComparison.Ordinal));
        var date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        rows.InsertRange(
            at < 0 ? rows.Count : at,
            figures.Select(f => $"| `{command}` | {f.What} | {f.Text(f.Measured)} | {f.Text(f.Gate)} | {f.Text(f.Aim)} | {f.Verdict} | {f.Of} | {date} |"));
        await System.IO.File.WriteAllLinesAsync(
            File, [.. Head.Split('\n'), Machine(), "", "| command | figure | measured | gate | aim | | made from | date |", "|---|---|---|---|---|---|---|---|", .. rows, .. Tail.Split('\n')]);
    }

    private static string Machine() => string.Create(
        CultureInfo.InvariantCulture,
        $"Machine: {Environment.ProcessorCount} processors ({RuntimeInformation.OSArchitecture}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB, {RuntimeInformation.FrameworkDescription}; it runs the database and the load too.");
}
