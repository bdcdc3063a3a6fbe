using System.CommandLine;

namespace Dox.Host.CommandLine;

/// <summary>Puts the application together. What <paramref name="settings"/> says wins over files, variables and <paramref name="arguments"/>.</summary>
internal delegate WebApplication ApplicationFactory(string[] arguments, IReadOnlyDictionary<string, string?> settings);

/// <summary>The host's verbs. Without one it serves.</summary>
internal static class DoxCommandLine
{
    public static Task<int> RunAsync(string[] args, ApplicationFactory build)
    {
        var root = new RootCommand("DOX sees documents through: checks, stores, recognises, extracts, and asks a person where it isn't sure.");
        RunCommand.Configure(root, build);
        var run = new Command("run", "Serve. Takes configuration as --Name=value.");
        RunCommand.Configure(run, build);
        root.Add(run);
        root.Add(MigrateCommand.Create(build));
        root.Add(SamplesCommand.Create());

        // The host handles SIGTERM and SIGINT itself: it drains before it ends, which takes longer than the command line would wait.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
