using System.Globalization;
using Spectre.Console;

namespace Dox.Benchmarks;

/// <summary>A measured figure, with what it must reach and what we are after. Less is better, unless <see cref="MoreIsBetter"/>.</summary>
internal sealed record Figure(string What, double Measured, double Gate, double Aim, string Unit)
{
    public bool MoreIsBetter { get; init; }

    public bool HoldsGate => MoreIsBetter ? Measured >= Gate : Measured <= Gate;

    public bool ReachesAim => MoreIsBetter ? Measured >= Aim : Measured <= Aim;

    /// <summary>What the figure was made from, for the reader: <c>DOX 3,210 runs/s, floor 9,870 runs/s</c>.</summary>
    public string Of { get; init; } = "";

    /// <summary>Prints the figures, and says whether all gates held.</summary>
    public static int Report(string benchmark, IReadOnlyList<Figure> figures, bool gate)
    {
        var table = new Table().AddColumns(benchmark, "measured", "gate", "aim", "", "of");
        foreach (var figure in figures)
            table.AddRow(figure.What, figure.Text(figure.Measured), figure.Text(figure.Gate), figure.Text(figure.Aim), figure.Verdict, figure.Of);
        AnsiConsole.Write(table);
        return gate && !figures.All(f => f.HoldsGate) ? 1 : 0;
    }

    /// <summary>The middle one of several rounds.</summary>
    public static double Median(IEnumerable<double> rounds)
    {
        var sorted = rounds.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    public static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    /// <summary>How it compares to what it must reach.</summary>
    public string Verdict => HoldsGate ? ReachesAim ? "aim reached" : "held" : "missed";

    public string Text(double value) => $"{Number(value)} {Unit}".TrimEnd();
}
