using System.CommandLine;
using Dox.DocumentReading;
using Dox.SharedKernel.Infrastructure.Reading;
using Dox.TemplateMatching.Matching;
using Dox.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace Dox.Benchmarks.Accuracy;

/// <summary><c>accuracy</c>: how often template matching is right, and how often it is as sure as it says; writes docs/reference/accuracy.md.</summary>
internal static class AccuracyCommand
{
    private const int Seed = 2;
    private const int Senders = 60;
    private static readonly int[] FitSeeds = [1, 3];
    private static readonly string[] Folders = ["e-invoices", "invoices", "pdf-library", "pdf-malformed", "pdf-viewer"];

    public static Command Command(RunOptions run)
    {
        var fit = new Option<bool>("--fit") { Description = "Fit the calibration that ships to layouts of other seeds, and print it." };
        var command = new Command("accuracy", "template matching: right, accepted, false accepts, calibration; the corpora in DOX_CORPORA") { fit };
        command.SetAction(async (result, cancellationToken) =>
        {
            if (result.GetValue(fit)) return Fit();
            var table = new AccuracyTable([.. AccuracyTrials.Run(Seed, Senders, await CorporaAsync(cancellationToken), Calibration.Shipped)]);
            if (result.GetValue(run.Write)) await File.WriteAllTextAsync(Path.Combine(Repository.Root, "docs", "reference", "accuracy.md"), table.Page(), cancellationToken);
            return Figure.Report("accuracy", [.. Figures(table)], result.GetValue(run.Gate));
        });
        return command;
    }

    private static IEnumerable<Figure> Figures(AccuracyTable table)
    {
        foreach (var set in new[] { "layouts", "e-invoices" }.Where(s => table.Count(s) > 0))
            yield return new($"right: {set}", 100 * table.Right(set), 99.5, 99.9, "%") { MoreIsBetter = true, Of = $"{table.Count(set)} recognitions after 1 to 3 samples" };
        foreach (var set in new[] { "other PDFs", "strangers" }.Where(s => table.Count(s) > 0))
            yield return new($"false accepts: {set}", 100 * table.FalseAccepts(set), 0.5, 0, "%") { Of = $"{table.Count(set)} recognitions" };
        yield return new("calibration error", table.CalibrationError, 0.03, 0.01, "") { Of = $"{table.ShippedError:0.000} as it ships" };
        if (table.RightBetween(0.85, 0.95) is { } right) yield return new("right of what is said 0.85 to 0.95 sure", 100 * right, 82, 85, "%") { MoreIsBetter = true };
    }

    private static int Fit()
    {
        var trials = FitSeeds.SelectMany(s => AccuracyTrials.Run(s, Senders, [], Calibration.Shipped)).ToList();
        var fitted = Calibration.Fit(new AccuracyTable(trials).ForCalibration, Calibration.Shipped);
        AnsiConsole.WriteLine(FormattableString.Invariant($"[{string.Join(", ", fitted.Coefficients.Select(c => FormattableString.Invariant($"{c:0.00}")))}], [{string.Join(", ", fitted.Kinds.Select(c => FormattableString.Invariant($"{c:0.00}")))}]"));
        return 0;
    }

    private static async Task<IReadOnlyList<(string Folder, string File, DocumentText Text)>> CorporaAsync(CancellationToken cancellationToken)
    {
        var texts = new List<(string, string, DocumentText)>();
        if (Environment.GetEnvironmentVariable("DOX_CORPORA") is not { Length: > 0 } corpora) return texts;
        await using var readers = new DocumentReaderPool(Options.Create(new DocumentReaderOptions()), NullLogger<DocumentReaderPool>.Instance);
        foreach (var folder in Folders)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(corpora, folder), "*.pdf").Order(StringComparer.Ordinal))
            {
                await using var stream = File.OpenRead(file);
                var limits = new TextLimits { MaxPages = 5, MaxWords = 20_000 };
                texts.Add((folder, Path.GetFileName(file), await readers.ReadTextAsync(stream, stream.Length, "application/pdf", limits, cancellationToken)));
            }
        }

        return texts;
    }
}
