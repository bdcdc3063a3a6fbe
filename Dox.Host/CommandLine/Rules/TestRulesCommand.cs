using System.CommandLine;
using Dox.Workflows.Rules;
using Dox.Workflows.RuleTests;

namespace Dox.Host.CommandLine.Rules;

internal static class TestRulesCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var paths = RulesCommand.Paths();
        var output = RuleOutput.Option();
        var command = new Command("test", "Run the tests beside rules (NAME.tests.yaml), with skipped time: 0 where each case holds, else 1.") { paths, output };
        command.SetAction(async (result, cancellation) =>
        {
            var console = result.InvocationConfiguration;
            await using var bench = RuleWorkbench.Open(build, result.GetRequiredValue(paths));
            if (await RuleOutput.CheckPathsAsync(bench, console.Error) is var wrong and not 0) return wrong;
            if (bench.TestFiles.Count == 0)
            {
                await console.Error.WriteLineAsync($"There are no tests there: they stand beside their rule as NAME{RuleTestFile.Ending}.");
                return 2;
            }

            var (files, results) = await RunAsync(bench, cancellation);
            if (result.GetValue(output) == "json") await RuleOutput.WriteJsonAsync(console.Output, new Report([.. files.Select(file => new FileReport(file.FileName, file.Problems))], results));
            else await WriteAsync(console.Output, files, results);
            return files.Any(file => file.Problems.Count > 0) || results.Any(one => !one.Passed) ? 1 : 0;
        });
        return command;
    }

    private static async Task<(List<RuleTestFile> Files, List<RuleTestResult> Results)> RunAsync(RuleWorkbench bench, CancellationToken cancellation)
    {
        var runner = new RuleTestRunner(bench.Vocabulary, bench.Rules);
        var files = new List<RuleTestFile>();
        var results = new List<RuleTestResult>();
        foreach (var path in bench.TestFiles)
        {
            var file = RuleTestFile.Read(await File.ReadAllTextAsync(path, cancellation), Path.GetFileName(path), bench.Rules) with { FileName = path };
            files.Add(file);
            results.AddRange(await runner.RunAsync(file, cancellation));
        }

        return (files, results);
    }

    private static async Task WriteAsync(TextWriter writer, List<RuleTestFile> files, List<RuleTestResult> results)
    {
        foreach (var file in files)
            foreach (var problem in file.Problems) await writer.WriteLineAsync($"{file.FileName}{problem}");
        foreach (var one in results)
        {
            await writer.WriteLineAsync($"{(one.Passed ? "passed" : "FAILED")}  {one.FileName}({one.Line}): {one.Case}");
            foreach (var problem in one.Problems) await writer.WriteLineAsync($"        {problem}");
        }

        var failed = results.Count(one => !one.Passed);
        var unread = files.Count(file => file.Problems.Count > 0);
        await writer.WriteLineAsync($"{results.Count - failed} passed, {failed} failed{(unread == 0 ? "" : $", {unread} {(unread == 1 ? "file" : "files")} with errors")}");
    }

    private sealed record Report(IReadOnlyList<FileReport> Files, IReadOnlyList<RuleTestResult> Cases);

    private sealed record FileReport(string File, IReadOnlyList<Diagnostic> Problems);
}
