using System.CommandLine;

namespace Dox.Benchmarks;

/// <summary><c>all</c>: every row of docs/reference/performance.md, one after the other.</summary>
internal static class AllBenchmarks
{
    private static readonly string[] Rows =
    [
        "engine", "engine --concurrency 16", "engine --sqlite", "engine --durability ends", "engine --latency", "commits", "allocation",
        "recovery", "growth", "page", "upload", "upload --memory", "attack", "transport", "start", "hostile", "match",
    ];

    public static Command Command(RootCommand root, RunOptions run)
    {
        var command = new Command("all", "every benchmark; ends with 1 where one failed, or with --gate missed a gate");
        command.SetAction(async (result, cancellationToken) =>
        {
            List<string> passed = ["--rounds", $"{result.GetValue(run.Rounds)}", "--seconds", FormattableString.Invariant($"{result.GetValue(run.Seconds)}")];
            if (result.GetValue(run.Gate)) passed.Add(run.Gate.Name);
            if (result.GetValue(run.Write)) passed.Add(run.Write.Name);
            var code = 0;
            foreach (var row in Rows) code = Math.Max(code, await root.Parse([.. row.Split(' '), .. passed]).InvokeAsync(cancellationToken: cancellationToken));
            return code;
        });
        return command;
    }
}
