using System.CommandLine;
using Dox.Workflows;

namespace Dox.Host.CommandLine.Rules;

internal static class RuleActionsCommand
{
    public static Command Create(Func<DoxSetup, WebApplication> build)
    {
        var output = RuleOutput.Option();
        var command = new Command("actions", "List what rules may name: actions, functions, and the services' endpoints, with their parameters.") { output };
        command.SetAction(async (result, _) =>
        {
            var console = result.InvocationConfiguration;
            await using var bench = RuleWorkbench.Open(build, []);
            var names = VocabularyListing.Of(bench.Vocabulary);
            if (result.GetValue(output) == "json")
            {
                await RuleOutput.WriteJsonAsync(console.Output, names);
                return 0;
            }

            RuleOutput.WriteTable(console.Output, ["action", "parameters (* must be given)", "what it does"], names.Actions.Select(action => Row(action.Name, action.Parameters, action.Description)));
            RuleOutput.WriteTable(console.Output, ["function", "arguments (* must be given)", "result"], names.Functions.Select(function => Row(function.Name, function.Parameters, string.Join(", ", function.Produces ?? []))));
            RuleOutput.WriteTable(console.Output, ["service", "endpoint", "parameters (* must be given)"], names.Endpoints.Select(endpoint => (IReadOnlyList<string>)[endpoint.Service, endpoint.Endpoint, Listed(endpoint.Parameters)]));
            return 0;
        });
        return command;
    }

    private static IReadOnlyList<string> Row(string name, IReadOnlyList<VocabularyParameter> parameters, string last) => [name, Listed(parameters), last];

    private static string Listed(IReadOnlyList<VocabularyParameter> parameters) => string.Join(", ", parameters.Select(parameter => parameter.Name + (parameter.Required ? "*" : "")));
}
