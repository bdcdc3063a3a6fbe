using System.CommandLine;

namespace Dox.Benchmarks;

/// <summary>What every benchmark is told.</summary>
internal sealed class RunOptions
{
    public Option<bool> Gate { get; } = new("--gate") { Description = "End with 1 where a gate is missed.", Recursive = true };

    public Option<int> Rounds { get; } = new("--rounds") { Description = "Rounds, of which the median counts.", Recursive = true, DefaultValueFactory = _ => 5 };

    public Option<double> Seconds { get; } = new("--seconds") { Description = "How long a round lasts, where a round has a length.", Recursive = true, DefaultValueFactory = _ => 4 };

    /// <summary>A command that prints the figures it measures, and ends with 1 where a gate is missed and that was asked for.</summary>
    public Command Command(string name, string description, Func<ParseResult, Task<IReadOnlyList<Figure>>> measure, params Option[] options)
    {
        var command = new Command(name, description);
        foreach (var option in options) command.Add(option);
        command.SetAction(async (result, _) =>
        {
            var title = string.Join(' ', result.Tokens.Select(t => t.Value).Where(t => !string.Equals(t, Gate.Name, StringComparison.Ordinal)));
            return Figure.Report(title, await measure(result), result.GetValue(Gate));
        });
        return command;
    }
}
