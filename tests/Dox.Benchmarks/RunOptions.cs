using System.CommandLine;
using System.CommandLine.Parsing;

namespace Dox.Benchmarks;

/// <summary>What every benchmark is told.</summary>
internal sealed class RunOptions
{
    public Option<bool> Gate { get; } = new("--gate") { Description = "End with 1 where a gate is missed.", Recursive = true };

    public Option<bool> Write { get; } = new("--write") { Description = "Put the figures into docs/reference/performance.md.", Recursive = true };

    public Option<int> Rounds { get; } = new("--rounds") { Description = "Rounds, of which the median counts.", Recursive = true, DefaultValueFactory = _ => 5 };

    public Option<double> Seconds { get; } = new("--seconds") { Description = "How long a round lasts, where a round has a length.", Recursive = true, DefaultValueFactory = _ => 4 };

    /// <summary>A command that prints the figures it measures, and ends with 1 where a gate is missed and that was asked for.</summary>
    public Command Command(string name, string description, Func<ParseResult, Task<IReadOnlyList<Figure>>> measure, params Option[] options)
    {
        var command = new Command(name, description);
        foreach (var option in options) command.Add(option);
        command.SetAction(async (result, _) =>
        {
            // What says how often and how long isn't part of the row's name
            var own = result.CommandResult.Children.OfType<OptionResult>().Where(o => !o.Implicit && options.Contains(o.Option));
            var title = string.Join(' ', own.SelectMany(o => new[] { o.Option.Name }.Concat(o.Tokens.Select(t => t.Value))).Prepend(name));
            var figures = await measure(result);
            if (result.GetValue(Write)) await PerformanceTable.WriteAsync(title, figures);
            return Figure.Report(title, figures, result.GetValue(Gate));
        });
        return command;
    }
}
