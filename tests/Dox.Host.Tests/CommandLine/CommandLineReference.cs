using System.CommandLine;
using System.Text;
using Dox.Host.CommandLine;
using Dox.Host.CommandLine.Server;

namespace Dox.Host.Tests.CommandLine;

/// <summary>docs/reference/cli.md, from the verbs themselves.</summary>
internal static class CommandLineReference
{
    public static string Markdown()
    {
        var text = new StringBuilder(
            """
            # Command line

            <!-- Written by Dox.Host.Tests (DOX_WRITE_DOCS=1): change the verbs in Dox.Host/CommandLine, not this file. -->

            `dox VERB`, in the image `docker exec … dotnet Dox.Host.dll VERB`, from the sources `dotnet run --project Dox.Host -- VERB`.

            Verbs that ask a server (`documents`, `workflows`, `reviews`, `blockers`, `quarantine`) find it at `DOX_URL` (`http://localhost:5000` where it isn't
            set), and say who asks by `DOX_API_KEY`. With `--output json` they print the server's answer. They end with

            | code | when |
            |---|---|
            | 0 | it is done |
            | 1 | the server refused it, or the command line is wrong |
            | 2 | `DOX_URL` is no address |
            | 3 | there is no such thing |
            | 4 | you may not, or the server doesn't know you |
            | 5 | its state doesn't allow it |
            | 69 | the server doesn't answer, or failed |
            | 75 | not now: a limit, or something that it needs is away; try again later |

            ```sh
            export DOX_URL=https://dox.example.org DOX_API_KEY=…
            dox workflows list --status failed --output json | jq -r '.workflows[].workflow_id' | while read -r id; do dox workflows retry "$id" --reason "the store was full"; done
            ```

            """);
        var server = new ServerAddress(new Dictionary<string, string?>(StringComparer.Ordinal));
        foreach (var command in DoxCommandLine.Root(_ => throw new AssertionException("Nothing was to be built."), server).Subcommands) Write(text, command, "dox", 2);
        return text.ToString();
    }

    private static void Write(StringBuilder text, Command command, string above, int depth)
    {
        var path = $"{above} {command.Name}";
        var arguments = string.Concat(command.Arguments.Select(a => $" {(a.Arity.MaximumNumberOfValues > 1 ? $"[{a.Name}…]" : a.Name.ToUpperInvariant())}"));
        text.Append($"\n{new string('#', depth)} `{path}{arguments}`\n\n{command.Description}\n");
        var rows = command.Arguments.Select(a => (Name: a.Name, a.Description)).Concat(command.Options.Where(o => !o.Hidden).Select(o => (o.Name, Description: o.Required ? $"{o.Description} Required." : o.Description))).ToList();
        if (rows.Count > 0) text.Append("\n| | |\n|---|---|\n");
        foreach (var (name, description) in rows) text.Append($"| `{name}` | {description?.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        foreach (var inner in command.Subcommands) Write(text, inner, path, Math.Min(depth + 1, 4));
    }
}
