using System.CommandLine;
using Dox.Host.Demo;
using Spectre.Console;

namespace Dox.Host.CommandLine;

internal static class DemoCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var exit = new Option<bool>("--exit") { Description = "End when all is told: 0 where each document ended where it belongs, else 1." };
        var port = new Option<int>("--port") { Description = "Serve on this port of the loopback address; 0 takes a free one.", DefaultValueFactory = _ => 0 };
        var data = new Option<DirectoryInfo?>("--data") { Description = "Keep everything in this folder instead of a temporary one." };
        var picture = new Option<FileInfo?>("--picture") { Description = "Also write the report to this file, as HTML.", Hidden = true };
        var command = new Command("demo", "Serve from a temporary folder, send sample documents through, and show what becomes of each.") { exit, port, data, picture };
        command.SetAction((result, cancellation) => new DemoSession(AnsiConsole.Console, build, TimeProvider.System).RunAsync(
            new DemoOptions(result.GetValue(exit), result.GetValue(port), result.GetValue(data), result.GetValue(picture)), cancellation));
        return command;
    }
}
