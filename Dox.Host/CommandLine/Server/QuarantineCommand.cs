using System.CommandLine;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

internal static class QuarantineCommand
{
    private static readonly string[] s_columns = ["quarantine_id", "status", "threat_name", "original_filename", "submitted_by", "quarantined_at", "expires_at"];

    public static Command Create(ServerAddress server) => new("quarantine", "What a threat was found in: list, release, destroy.")
    {
        List(server), Show(server), Release(server), Delete(server),
    };

    private static Command List(ServerAddress server)
    {
        var (status, limit, cursor) = (ServerVerb.Text("--status", "quarantined, release_requested, released or deleted."), ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "What is in quarantine, newest first.", "quarantine", s_columns,
            asking => asking.Client.GetQuarantineAsync(asking.Line.GetValue(status), asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation), status, limit, cursor);
    }

    private static Command Show(ServerAddress server)
    {
        var id = ServerVerb.Id("entry");
        return ServerVerb.One(server, "show", "One entry.", asking => asking.Client.GetQuarantineByIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation), id);
    }

    private static Command Release(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("entry"), ServerVerb.Reason());
        reason.Required = true;
        return ServerVerb.One(
            server, "release", "Let the content in again. Two administrators have to ask for it, each with this command.",
            asking => asking.Client.PostQuarantineByIdReleaseAsync(
                asking.Line.GetRequiredValue(id), new DecideQuarantineBody { Reason = asking.Line.GetValue(reason) }, asking.Cancellation),
            id, reason);
    }

    private static Command Delete(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("entry"), ServerVerb.Reason());
        return ServerVerb.One(
            server, "delete", "Destroy the content.",
            asking => asking.Client.DeleteQuarantineByIdAsync(asking.Line.GetRequiredValue(id), asking.Line.GetValue(reason), asking.Cancellation), id, reason);
    }
}
