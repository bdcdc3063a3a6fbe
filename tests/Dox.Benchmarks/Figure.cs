using System.Globalization;
using Spectre.Console;

namespace Dox.Benchmarks;

/// <summary>A measured figure, with what it must reach and what we are after. Less is better.</summary>
internal sealed record Figure(string What, double Measured, double Gate, double Aim, string Unit)
{
    public bool HoldsGate => Measured <= Gate;

    /// <summary>Prints the figures, and says whether all gates held.</summary>
    public static int Report(string benchmark, IReadOnlyList<Figure> figures, bool gate)
    {
        var table = new Table().AddColumns(benchmark, "measured", "gate", "aim", "");
        foreach (var figure in figures)
            table.AddRow(figure.What, figure.Text(figure.Measured), figure.Text(figure.Gate), figure.Text(figure.Aim), figure.HoldsGate ? "held" : "missed");
        AnsiConsole.Write(table);
        return gate && !figures.All(f => f.HoldsGate) ? 1 : 0;
    }

    /// <summary>The middle one of several rounds.</summary>
    public static double Median(IEnumerable<double> rounds)
    {
        var sorted = rounds.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private string Text(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {Unit}");
}
