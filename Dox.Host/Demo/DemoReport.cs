using Spectre.Console;

namespace Dox.Host.Demo;

/// <summary>What became of the documents, what that means, and where to look next.</summary>
internal sealed class DemoReport(IReadOnlyList<DemoDocument> documents, Uri address, DemoFolder folder, bool ends)
{
    public IReadOnlyList<(DemoDocument Document, string What)> Complaints { get; } =
        [.. documents.Select(document => (document, DemoVerdict.Complaint(document)!)).Where(pair => pair.Item2 is not null)];

    public void Write(IAnsiConsole console)
    {
        new DemoBoard(console, documents).Print();
        if (documents.Any(document => document.Unscanned))
            console.MarkupLine(
                "[yellow]No virus scanner answered, so nothing was scanned[/] and even the test virus was let in, marked as not scanned.\n"
                + "Set CLAMAV_HOST (and CLAMAV_PORT) to a clamd, and it is refused.");
        if (Complaints.Count == 0)
            console.MarkupLineInterpolated($"[green]Each of the {documents.Count} documents ended where it belongs.[/]");
        foreach (var (document, what) in Complaints)
            console.MarkupLineInterpolated($"[red]{document.Sample.FileName} didn't end where it belongs:[/] {what.TrimEnd('.')}.");
        if (!ends)
            Next(console);
    }

    public string ToHtml()
    {
        using var nowhere = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.TrueColor,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(nowhere),
        });
        console.Profile.Width = 138;
        console.Profile.Capabilities.Unicode = true;
        using var recorder = console.CreateRecorder();
        Write(recorder);
        return recorder.ExportHtml();
    }

    private void Next(IAnsiConsole console)
    {
        console.WriteLine();
        var grid = new Grid().AddColumn(new GridColumn().PadRight(3)).AddColumn();
        grid.AddRow("API, to read and try", $"[link]{new Uri(address, "docs")}[/]");
        grid.AddRow("Reviews that wait", $"[link]{new Uri(address, "api/v1/reviews")}[/]");
        grid.AddRow("Send one of your own", $"curl -F file=@some.pdf {new Uri(address, "api/v1/documents")}");
        grid.AddRow("Everything it keeps", Markup.Escape(folder.Path) + (folder.IsTemporary ? " [grey](goes when the demo ends)[/]" : ""));
        console.Write(grid);
        console.MarkupLine("\nServing until Ctrl+C.");
    }
}
