using System.Text;
using Dox.Host.CommandLine;
using Dox.Workflows;
using Dox.Workflows.Rules;
using Microsoft.Extensions.DependencyInjection;

namespace Dox.Host.Tests;

/// <summary>References of the rule language, written from the code.</summary>
internal static class RuleReferences
{
    public static string LintCodes()
    {
        var text = new StringBuilder("""
            # Lint codes

            What `dox rules lint` says, and what the server logs of a rule file that it reads. An error keeps its rule from loading; with a warning
            the rule loads, and the message says what was taken. Each has a line, a column, and, where it can be known, what was meant.

            This page is written from the code; a test says when it drifts.

            """);
        foreach (var severity in new[] { DiagnosticSeverity.Error, DiagnosticSeverity.Warning })
        {
            text.Append($"\n## {severity}s\n| code | what is wrong | what to do, or what is taken |\n|---|---|---|\n");
            foreach (var code in LintCatalog.All.Where(code => code.Severity == severity).OrderBy(code => code.Code, StringComparer.Ordinal))
                text.Append($"| `{code.Code}` | {code.Says} | {code.Remedy} |\n");
        }

        return text.ToString();
    }

    public static async Task<string> ActionsAsync()
    {
        var names = VocabularyListing.Of(await VocabularyAsync());
        var text = new StringBuilder("""
            # Actions, functions and endpoints

            What rules may name, with the default configuration; `dox rules actions` lists what may be named where it runs. A name in bold must be
            given. A step's result is merged into the context, or kept whole under its `output`.

            This page is written from the code; a test says when it drifts.

            ## Actions
            | `action` | what it does | parameters |
            |---|---|---|

            """);
        foreach (var action in names.Actions) text.Append($"| `{action.Name}` | {action.Description} | {Listed(action.Parameters)} |\n");
        text.Append("\nEach takes `timeout_seconds` too; `custom_logic` takes `true_path` and `false_path`.\n");
        text.Append("\n## Functions\nCalled by `custom_logic` as `logic: name(arguments)`.\n\n| function | arguments, in order | result | answered by |\n|---|---|---|---|\n");
        foreach (var function in names.Functions) text.Append($"| `{function.Name}` | {Listed(function.Parameters)} | {Keys(function.Produces)} | {function.Description.Replace("Answered by ", "", StringComparison.Ordinal).TrimEnd('.')} |\n");
        text.Append("\n## Endpoints\nCalled by `api_call`; a parameter may stand in `params` or in its `body`, and is else taken from the context.\n\n| `service` | endpoint | parameters | answer |\n|---|---|---|---|\n");
        foreach (var endpoint in names.Endpoints) text.Append($"| `{endpoint.Service}` | `{endpoint.Endpoint}` | {Listed(endpoint.Parameters)} | {Keys(endpoint.Produces)} |\n");
        return text.ToString();
    }

    public static async Task<string> SchemaAsync()
    {
        await using var output = new StringWriter();
        await DoxCommandLine.RunAsync(["rules", "schema"], setup => DoxApplication.Build(setup with { Environment = new Dictionary<string, string?>(StringComparer.Ordinal) }), output);
        return output.ToString();
    }

    private static async Task<Vocabulary> VocabularyAsync()
    {
        await using var app = DoxApplication.Build([], [new("SERVICE_ENV", "development"), new("REQUIRE_AUTH", "false")]);
        return app.Services.GetRequiredService<Vocabulary>();
    }

    private static string Listed(IReadOnlyList<VocabularyParameter> parameters) =>
        string.Join(", ", parameters.Select(parameter => parameter.Required ? $"**`{parameter.Name}`**" : $"`{parameter.Name}`"));

    private static string Keys(IReadOnlyList<string>? keys) => keys is null ? "" : string.Join(", ", keys.Select(key => $"`{key}`"));
}
