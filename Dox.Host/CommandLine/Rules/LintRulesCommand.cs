using System.CommandLine;
using Dox.Workflows.Rules;

namespace Dox.Host.CommandLine.Rules;

internal static class LintRulesCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var paths = RulesCommand.Paths();
        var output = RuleOutput.Option();
        var strict = new Option<bool>("--strict") { Description = "Warnings count as errors." };
        var command = new Command("lint", "Say everything that is wrong with rules, with its place: 0 where nothing keeps them from loading, else 1.") { paths, output, strict };
        command.SetAction(async (result, _) =>
        {
            var console = result.InvocationConfiguration;
            await using var bench = RuleWorkbench.Open(build, result.GetRequiredValue(paths));
            if (await RuleOutput.CheckPathsAsync(bench, console.Error) is var wrong and not 0) return wrong;
            var files = bench.Rules.Files.Where(file => bench.Asked.Contains(file.FileName, StringComparer.Ordinal)).ToList();
            if (result.GetValue(output) == "json") await RuleOutput.WriteJsonAsync(console.Output, Report.Of(files));
            else await WriteAsync(console.Output, files);
            return files.Any(file => file.Rule is null || (result.GetValue(strict) && file.Diagnostics.Count > 0)) ? 1 : 0;
        });
        return command;
    }

    private static async Task WriteAsync(TextWriter writer, List<RuleParseResult> files)
    {
        foreach (var file in files)
            foreach (var diagnostic in file.Diagnostics) await writer.WriteLineAsync($"{file.FileName}{diagnostic}");
        var (errors, warnings) = Report.Count(files);
        await writer.WriteLineAsync($"{files.Count} {(files.Count == 1 ? "file" : "files")}, {errors} {(errors == 1 ? "error" : "errors")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}");
    }

    private sealed record Report(IReadOnlyList<FileReport> Files, int Errors, int Warnings)
    {
        public static Report Of(IReadOnlyList<RuleParseResult> files)
        {
            var (errors, warnings) = Count(files);
            return new([.. files.Select(file => new FileReport(file.FileName, file.Rule?.Name, file.Rule?.Version, file.Diagnostics))], errors, warnings);
        }

        public static (int Errors, int Warnings) Count(IReadOnlyList<RuleParseResult> files)
        {
            var errors = files.Sum(file => file.Errors.Count());
            return (errors, files.Sum(file => file.Diagnostics.Count) - errors);
        }
    }

    private sealed record FileReport(string File, string? Rule, string? Version, IReadOnlyList<Diagnostic> Diagnostics);
}
