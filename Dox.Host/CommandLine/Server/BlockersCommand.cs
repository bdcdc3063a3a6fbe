using System.CommandLine;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

internal static class BlockersCommand
{
    private static readonly string[] s_columns = ["blocker_id", "severity", "status", "service", "team", "title", "opened_at"];

    public static Command Create(ServerAddress server) => new("blockers", "What keeps teams from working: list, resolve.")
    {
        List(server), Show(server), Resolve(server),
    };

    private static Command List(ServerAddress server)
    {
        var (team, status, limit, cursor) = (ServerVerb.Text("--team", "A team's alone."), ServerVerb.Text("--status", "open or resolved."), ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "Blockers, newest first.", "blockers", s_columns,
            asking => asking.Client.GetBlockersAsync(
                asking.Line.GetValue(team), asking.Line.GetValue(status), asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation),
            team, status, limit, cursor);
    }

    private static Command Show(ServerAddress server)
    {
        var id = ServerVerb.Id("blocker");
        return ServerVerb.One(server, "show", "One blocker.", asking => asking.Client.GetBlockersByIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation), id);
    }

    private static Command Resolve(ServerAddress server)
    {
        var (id, note) = (ServerVerb.Id("blocker"), ServerVerb.Text("--note", "What was done about it."));
        return ServerVerb.One(
            server, "resolve", "Say that it keeps nobody any more.",
            asking => asking.Client.PostBlockersByIdResolveAsync(asking.Line.GetRequiredValue(id), new ResolveBlockerBody { Note = asking.Line.GetValue(note) }, asking.Cancellation),
            id, note);
    }
}
