using System.CommandLine;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

internal static class DeadLettersCommand
{
    private static readonly string[] s_columns = ["dead_letter_id", "kind", "module", "target", "name", "attempts", "last_error", "given_up"];

    public static Command Create(ServerAddress server) => new("dead-letters", "Messages, webhook deliveries and unreadable entries that were given up: list, redrive, dismiss.")
    {
        List(server), Redrive(server), Dismiss(server),
    };

    private static Command List(ServerAddress server)
    {
        var (kind, module, limit, cursor) = (ServerVerb.Text("--kind", "message, delivery or entry."), ServerVerb.Text("--module", "A module's alone."), ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "What was given up, the latest first.", "dead_letters", s_columns,
            asking => asking.Client.GetDeadLettersAsync(
                asking.Line.GetValue(kind), asking.Line.GetValue(module), asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation),
            kind, module, limit, cursor);
    }

    private static Command Redrive(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("letter"), ServerVerb.Reason());
        return ServerVerb.One(
            server, "redrive", "Deliver one again.",
            asking => asking.Client.PostDeadLettersByIdRedriveAsync(
                asking.Line.GetRequiredValue(id), new RedriveDeadLettersBody { Reason = asking.Line.GetValue(reason) }, asking.Cancellation),
            id, reason);
    }

    private static Command Dismiss(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("letter"), ServerVerb.Reason());
        reason.Required = true;
        return ServerVerb.One(
            server, "dismiss", "Settle one without delivering it.",
            asking => asking.Client.PostDeadLettersByIdDismissAsync(
                asking.Line.GetRequiredValue(id), new DismissDeadLetterBody { Reason = asking.Line.GetValue(reason) }, asking.Cancellation),
            id, reason);
    }
}
