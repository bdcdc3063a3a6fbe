using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Workflows;
using Dox.Workflows.Interpretation;
using Dox.Workflows.Rules;

namespace Dox.Benchmarks.Hostile;

/// <summary><c>hostile</c>: how long rules that are made to hurt keep a process busy before they are refused or stopped; the worst of all rounds.</summary>
internal static class HostileBenchmark
{
    private const double Gate = 1;
    private const double Aim = 0.5;
    private const double MegabytesGate = 400;

    private static readonly RuleParser Parser = new(new Vocabulary());

    public static Command Command(RunOptions run) => run.Command(
        "hostile", "rules that are made to hurt: the worst time until each is refused or stopped", result => MeasureAsync(result.GetValue(run.Rounds)));

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        // What the first rule costs in compiling isn't the attack's
        await RunAsync(HostileRules.Running("1 + 1"));
        var figures = new List<Figure>();
        foreach (var (name, rule) in HostileRules.All)
        {
            var (worst, end) = (0.0, "");
            for (var round = 0; round < rounds; round++)
            {
                var watch = Stopwatch.StartNew();
                end = await RunAsync(rule) ?? throw new InvalidOperationException($"'{name}' was neither refused nor stopped.");
                worst = Math.Max(worst, watch.Elapsed.TotalSeconds);
            }

            figures.Add(new(name, worst, Gate, Aim, "s") { Of = end });
        }

        var unharmed = await RunAsync(HostileRules.Running("1 + 1")) is null;
        figures.Add(new("a harmless rule afterwards", unharmed ? 1 : 0, 1, 1, "runs") { MoreIsBetter = true });
        using var process = Process.GetCurrentProcess();
        figures.Add(new("most memory meanwhile", process.PeakWorkingSet64 / (1024.0 * 1024), MegabytesGate, MegabytesGate / 2, "MB"));
        return figures;
    }

    /// <summary>How the rule was refused or stopped; null: it ran well.</summary>
    private static async Task<string?> RunAsync(string yaml)
    {
        var parsed = Parser.Parse(yaml, "hostile.yaml");
        if (parsed.Rule is null)
        {
            var first = parsed.Errors.First();
            return string.Create(CultureInfo.InvariantCulture, $"refused: ({first.Line},{first.Column}) {first.Code}");
        }

        var state = await new WorkflowRunner(new RuleSet([parsed]), TimeProvider.System).RunAsync(parsed.Rule.Name, new JsonObject());
        return state.Status == RunStatus.Success ? null : $"stopped: {Last(state.Error!.Message)}";
    }

    /// <summary>What comes behind the expression.</summary>
    private static string Last(string message) => message.LastIndexOf("': ", StringComparison.Ordinal) is >= 0 and var at ? message[(at + 3)..] : message;
}
