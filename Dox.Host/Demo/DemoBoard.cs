using Spectre.Console;

namespace Dox.Host.Demo;

/// <summary>The table of documents on a terminal: redrawn while it happens where that is possible, told line by line where it isn't.</summary>
internal sealed class DemoBoard(IAnsiConsole console, IReadOnlyList<DemoDocument> documents)
{
    private const int WidthOfPlainText = 140;
    private const int LongestReason = 150;
    private const int WidthOfWholeNames = 125;

    private bool Live => console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi;

    /// <summary>Shows progress while <paramref name="work"/> goes on; it calls back with the document that has changed.</summary>
    public async Task FollowAsync(Func<Action<DemoDocument>, Task> work)
    {
        if (!Live)
        {
            // A pipe has no width; the guess of 80 would break each row into pieces.
            console.Profile.Width = Math.Max(console.Profile.Width, WidthOfPlainText);
            await work(document => console.WriteLine($"{document.Sample.FileName}: {Plain(document)}"));
            return;
        }

        await console.Live(Progress()).AutoClear(true).StartAsync(async display => await work(_ => display.UpdateTarget(Progress())));
    }

    public void Print()
    {
        console.WriteLine();
        console.Write(Result());
    }

    /// <summary>A line a document, so that a small window holds it.</summary>
    private Table Progress()
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "", "");
        foreach (var document in documents)
            table.AddRow(Mark(document), Markup.Escape(document.Sample.FileName), Outcome(document));
        return table;
    }

    private Table Result()
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey), ShowRowSeparators = true };
        table.AddColumn("[bold]Document[/]", column => column.NoWrap = console.Profile.Width >= WidthOfWholeNames);
        table.AddColumn("[bold]Outcome[/]", column => column.NoWrap());
        table.AddColumns("[bold]Template[/]", "[bold]Why[/]");
        foreach (var document in documents)
        {
            table.AddRow(
                $"{Markup.Escape(document.Sample.FileName)}\n[grey]{Markup.Escape(document.Sample.What)}[/]",
                Outcome(document) + Markup.Escape(Detail(document)) switch { "" => "", var detail => $"\n[grey]{detail}[/]" },
                Template(document),
                Markup.Escape(Shorten(Why(document))));
        }

        return table;
    }

    private static string Mark(DemoDocument document) => document switch
    {
        { Submission: null } => "[grey]·[/]",
        { AtRest: false } => "[blue]→[/]",
        { Submission.Accepted: false } => "[red]×[/]",
        { WaitsForPerson: true } => "[yellow]?[/]",
        _ => "[green]✓[/]",
    };

    private static string Outcome(DemoDocument document) => (document.Submission, document.State) switch
    {
        (null, _) => "[grey]waiting to be sent[/]",
        ({ Accepted: false } refusal, _) => $"[red]refused[/] [grey]{(int)refusal.Status}[/]",
        (_, { AtRest: false } or null) => $"[blue]{Markup.Escape(document.State?.CurrentStep ?? "accepted")}[/]",
        (_, { RunStatus: "success", ApprovalType: "human_approved" }) => "[green]approved in review[/]",
        (_, { RunStatus: "success" }) => document.Unscanned ? "[green]accepted[/] [yellow]unscanned[/]" : "[green]accepted[/]",
        (_, { RunStatus: "waiting_for_human", Decision: "human_review" }) => "[yellow]in review[/]",
        (_, { RunStatus: "waiting_for_human" }) => "[yellow]a person decides[/]",
        (_, var state) => $"[red]{state.RunStatus}[/]",
    };

    private static string Detail(DemoDocument document) => (document.Submission, document.State) switch
    {
        ({ Accepted: false } refusal, _) => refusal.Code ?? "",
        (_, { } state) => $"run {state.RunStatus}",
        _ => "",
    };

    private static string Template(DemoDocument document)
    {
        var state = document.BeforeDecision ?? document.State;
        return state is { TemplateId: { } template } ? $"{Markup.Escape(template)}\n[grey]{state.Confidence:0.00}[/]" : "";
    }

    private static string Why(DemoDocument document) => document switch
    {
        { Submission: { Accepted: false } refusal } => refusal.Message ?? refusal.Code ?? "",
        { BeforeDecision: { } before } => before.Reason ?? "",
        _ => document.State?.Reason ?? "",
    };

    private static string Shorten(string text)
    {
        if (text.Length <= LongestReason) return text;
        var end = text.LastIndexOf(' ', LongestReason);
        return string.Concat(text.AsSpan(0, end < 0 ? LongestReason : end), " …");
    }

    private static string Plain(DemoDocument document) => (document.Submission, document.State) switch
    {
        ({ Accepted: false } refusal, _) => $"refused with {(int)refusal.Status}, {refusal.Code}",
        (_, { } state) => $"{state.RunStatus}{(state is { AtRest: false, CurrentStep: { } step } ? $", {step}" : "")}",
        _ => "accepted",
    };
}
