using System.CommandLine;
using System.Text.Json;
using Dox.SharedKernel;
using Spectre.Console;

namespace Dox.Host.CommandLine.Rules;

/// <summary>How the verbs for rules print.</summary>
internal static class RuleOutput
{
    private const int Widest = 2000;

    private static readonly JsonSerializerOptions s_readable = new(DoxJson.Options) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Option<string> Option()
    {
        var option = new Option<string>("--output") { Description = "table, for people, or json, for programs.", DefaultValueFactory = _ => "table" };
        option.AcceptOnlyFromAmong("table", "json");
        return option;
    }

    public static Task WriteJsonAsync(TextWriter writer, object value) => writer.WriteLineAsync(JsonSerializer.Serialize(value, s_readable));

    /// <summary>A table as wide as it needs to be: what a person reads in a terminal, another program may cut or search.</summary>
    public static void WriteTable(TextWriter writer, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns) table.AddColumn(new TableColumn(new Text(column)) { NoWrap = column.EndsWith("_id", StringComparison.Ordinal) });
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        // What a program reads isn't wrapped
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = Widest;
        console.Write(table);
    }

    /// <summary>2 where a path leads nowhere or to no rule.</summary>
    public static async Task<int> CheckPathsAsync(RuleWorkbench bench, TextWriter error)
    {
        foreach (var path in bench.Missing) await error.WriteLineAsync($"There is no file or folder '{path}'.");
        if (bench.Missing.Count > 0) return 2;
        if (bench.Asked.Count > 0 || bench.TestFiles.Count > 0) return 0;
        await error.WriteLineAsync("There is no rule (*.yaml) there.");
        return 2;
    }
}
