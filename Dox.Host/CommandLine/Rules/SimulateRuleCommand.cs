using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Workflows.Simulation;

namespace Dox.Host.CommandLine.Rules;

internal static class SimulateRuleCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var file = new Argument<FileInfo>("file") { Description = "The rule." };
        var input = new Option<string>("--input") { Description = "What the run is given: JSON, or @FILE.", DefaultValueFactory = _ => "{}" };
        var mocks = new Option<string>("--mocks") { Description = "What comes of its steps, as under 'steps' in a rule's tests: JSON, or @FILE (JSON or YAML).", DefaultValueFactory = _ => "{}" };
        var now = new Option<DateTimeOffset?>("--now") { Description = "When the run starts; absent: now." };
        var output = RuleOutput.Option();
        var command = new Command("simulate", "Run a rule on an input without any effect, and show its path and why it went there.") { file, input, mocks, now, output };
        command.SetAction(async (result, cancellation) =>
        {
            var console = result.InvocationConfiguration;
            var path = result.GetRequiredValue(file).ToString();
            await using var bench = RuleWorkbench.Open(build, [path]);
            if (await RuleOutput.CheckPathsAsync(bench, console.Error) is var wrong and not 0) return wrong;
            var parsed = bench.Rules.Files.Single(one => one.FileName == path);
            if (parsed.Rule is not { } rule)
            {
                foreach (var error in parsed.Errors) await console.Error.WriteLineAsync($"{path}{error}");
                return 1;
            }

            JsonNode? given;
            try
            {
                given = JsonNode.Parse(await TextOfAsync(result.GetRequiredValue(input), cancellation));
            }
            catch (JsonException error)
            {
                await console.Error.WriteLineAsync($"--input is no JSON: {error.Message}");
                return 2;
            }

            var script = MockedSteps.Read(await TextOfAsync(result.GetRequiredValue(mocks), cancellation), bench.Rules.StepsOf(rule), out var problems);
            foreach (var problem in problems) await console.Error.WriteLineAsync($"--mocks{problem}");
            if (script is null) return 2;
            var start = new SimulationStart(given, null, result.GetValue(now) ?? TimeProvider.System.GetUtcNow());
            var simulated = SimulationReport.Of(await new RuleSimulator(bench.Vocabulary, bench.Rules.Rules).RunAsync(rule.Name, start, script, cancellation));
            if (result.GetValue(output) == "json") await RuleOutput.WriteJsonAsync(console.Output, simulated);
            else await WriteAsync(console.Output, simulated);
            return simulated.Unknown is null ? 0 : 1;
        });
        return command;
    }

    private static async Task<string> TextOfAsync(string value, CancellationToken cancellation) =>
        value.StartsWith('@') ? await File.ReadAllTextAsync(value[1..], cancellation) : value;

    private static async Task WriteAsync(TextWriter writer, SimulationReport report)
    {
        foreach (var decision in report.Decisions)
            await writer.WriteLineAsync($"line {decision.Line,4}  {decision.Step} ({decision.Status}){(decision.Decision is null ? "" : $": {decision.Decision}")}");
        if (report.Unknown is { } unknown)
            await writer.WriteLineAsync($"line {unknown.Line,4}  {unknown.Path}: what comes of it isn't known; add it to --mocks. It was given {unknown.Parameters.ToJsonString()}.");
        await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{report.State} after {report.ElapsedSeconds:0.###} s{(report.WaitsAt is null ? "" : $", waits at '{report.WaitsAt}'")}"));
        if (report.Error is { } error) await writer.WriteLineAsync($"{error.Code}: {error.Message}");
        if (report.Outputs is { } outputs) await writer.WriteLineAsync(outputs.ToJsonString());
    }
}
