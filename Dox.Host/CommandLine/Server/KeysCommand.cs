using System.CommandLine;
using System.Text.Json.Nodes;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

internal static class KeysCommand
{
    private static readonly string[] s_columns = ["key_id", "name", "account_id", "roles", "teams", "status", "expires_at", "created_by"];

    public static Command Create(ServerAddress server) => new("keys", "Keys that people and programs get in with: make, list, rotate, revoke.")
    {
        List(server), Show(server), Make(server), Rotate(server), Revoke(server),
    };

    private static Command List(ServerAddress server)
    {
        var (limit, cursor) = (ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "The keys, newest first.", "keys", s_columns,
            asking => asking.Client.GetKeysAsync(asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation), limit, cursor);
    }

    private static Command Show(ServerAddress server)
    {
        var id = ServerVerb.Id("key");
        return ServerVerb.One(server, "show", "One key.", asking => asking.Client.GetKeysByIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation), id);
    }

    private static Command Make(ServerAddress server)
    {
        var name = new Argument<string>("name") { Description = "Who comes with it: what documents, reviews and the audit say." };
        var roles = new Option<string[]>("--role") { Description = "What they may do: submitter, reviewer, operator, author, admin. May be given more than once.", Required = true, AllowMultipleArgumentsPerToken = true };
        var teams = new Option<string[]>("--team") { Description = "A reviewer's team; without it all. May be given more than once.", AllowMultipleArgumentsPerToken = true };
        var (account, days) = (ServerVerb.Text("--account", "Whose documents they own; without it yours."), Days());
        return ServerVerb.Told(
            server, "create", "Make a key, and print its text, this once.",
            asking => asking.Client.PostKeysAsync(
                new CreateKeyCommand
                {
                    Name = asking.Line.GetRequiredValue(name),
                    Roles = asking.Line.GetRequiredValue(roles),
                    AccountId = asking.Line.GetValue(account),
                    Teams = asking.Line.GetValue(teams) ?? [],
                    ExpiresInDays = asking.Line.GetValue(days),
                },
                asking.Cancellation),
            WriteText, name, roles, account, teams, days);
    }

    private static Command Rotate(ServerAddress server)
    {
        var (id, days) = (ServerVerb.Id("key"), Days());
        return ServerVerb.Told(
            server, "rotate", "Give a key a new text, and print it, this once. The old one is taken for a while yet.",
            asking => asking.Client.PostKeysByIdRotateAsync(asking.Line.GetRequiredValue(id), new RotateKeyBody { ExpiresInDays = asking.Line.GetValue(days) }, asking.Cancellation),
            WriteText, id, days);
    }

    private static Command Revoke(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("key"), ServerVerb.Reason());
        return ServerVerb.One(
            server, "revoke", "Take a key out of use for good.",
            asking => asking.Client.DeleteKeysByIdAsync(asking.Line.GetRequiredValue(id), asking.Line.GetValue(reason), asking.Cancellation), id, reason);
    }

    private static Option<int?> Days() => new("--days") { Description = "How long it is taken, 1 to 3650 days; without it Dox:Keys:ValidDays." };

    private static void WriteText(TextWriter output, JsonObject answer)
    {
        output.WriteLine((string?)answer["api_key"]);
        output.WriteLine($"{answer["key"]!["key_id"]}, of {answer["key"]!["name"]}, until {answer["key"]!["expires_at"]}. It isn't told again: hand it over safely, as DOX_API_KEY or X-API-Key.");
    }
}
