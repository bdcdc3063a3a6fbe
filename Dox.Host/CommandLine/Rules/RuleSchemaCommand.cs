using System.CommandLine;
using Dox.Workflows.Rules;

namespace Dox.Host.CommandLine.Rules;

internal static class RuleSchemaCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var command = new Command("schema", "Print the JSON Schema of rules, for editors, with the services that are configured here.");
        command.SetAction(async (result, _) =>
        {
            await using var bench = RuleWorkbench.Open(build, []);
            await RuleOutput.WriteJsonAsync(result.InvocationConfiguration.Output, RuleSchema.Of(bench.Vocabulary));
            return 0;
        });
        return command;
    }
}
