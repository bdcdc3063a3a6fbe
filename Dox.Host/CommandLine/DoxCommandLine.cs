using System.CommandLine;
using Dox.Host.CommandLine.Rules;
using Dox.Host.CommandLine.Server;
using Dox.Host.Configuration;
using Microsoft.AspNetCore.Connections;

namespace Dox.Host.CommandLine;

/// <summary>The host's verbs. Without one it serves.</summary>
internal static class DoxCommandLine
{
    public static async Task<int> RunAsync(string[] args, Func<DoxSetup, WebApplication> build, TextWriter? output = null, IReadOnlyDictionary<string, string?>? variables = null)
    {
        var server = new ServerAddress(variables ?? DoxConfiguration.ProcessEnvironment());
        var root = Root(build, server);
        // The host handles SIGTERM and SIGINT itself: it drains before it ends, which takes longer than the command line would wait.
        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        if (output is not null) invocation.Output = invocation.Error = output;
        try
        {
            return await root.Parse(args).InvokeAsync(invocation);
        }
        catch (ConfigurationException e)
        {
            await invocation.Error.WriteLineAsync(e.Message);
            return 78; // EX_CONFIG
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            await invocation.Error.WriteLineAsync($"{e.Message} SERVICE_PORT (of the demo, --port) sets another port.");
            return 1;
        }
    }

    /// <summary>All verbs; without one it serves.</summary>
    internal static RootCommand Root(Func<DoxSetup, WebApplication> build, ServerAddress server)
    {
        var root = new RootCommand("DOX sees documents through: checks, stores, recognises, extracts, and asks a person where it isn't sure.");
        RunCommand.Configure(root, build);
        var run = new Command("run", "Serve. Takes configuration as --Name=value.");
        RunCommand.Configure(run, build);
        root.Add(run);
        root.Add(DemoCommand.Create(build));
        root.Add(MigrateCommand.Create(build));
        root.Add(SamplesCommand.Create());
        root.Add(RulesCommand.Create(build));
        root.Add(AuditCommand.Create(build));
        root.Add(DocumentsCommand.Create(server));
        root.Add(WorkflowsCommand.Create(server));
        root.Add(ReviewsCommand.Create(server));
        root.Add(BlockersCommand.Create(server));
        root.Add(QuarantineCommand.Create(server));
        root.Add(KeysCommand.Create(server));
        root.Add(TemplatesCommand.Create(server));
        root.Add(DeadLettersCommand.Create(server));
        return root;
    }
}
