using System.CommandLine;
using Dox.Host.Demo.Samples;
using Spectre.Console;

namespace Dox.Host.CommandLine;

internal static class SamplesCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Where to write them; made if it isn't there." };
        var seed = new Option<int>("--seed") { Description = "Another number, other values.", DefaultValueFactory = _ => 1 };
        var command = new Command("samples", "Write the demo's documents to a folder, to try things with.") { folder, seed };
        command.SetAction(async (result, cancellation) =>
        {
            var target = result.GetRequiredValue(folder);
            target.Create();
            foreach (var sample in SampleLibrary.All(result.GetValue(seed), TimeProvider.System))
            {
                await File.WriteAllBytesAsync(Path.Combine(target.FullName, sample.FileName), sample.Content, cancellation);
                AnsiConsole.Console.WriteLine($"{sample.FileName}: {sample.What}");
            }

            return 0;
        });
        return command;
    }
}
