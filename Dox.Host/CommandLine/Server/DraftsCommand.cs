using System.CommandLine;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

/// <summary>Templates that unknown documents propose.</summary>
internal static class DraftsCommand
{
    private static readonly string[] s_columns = ["draft_id", "documents", "proposed_at"];

    public static Command Create(ServerAddress server) => new("drafts", "Templates that three or more unknown documents of one layout propose.")
    {
        List(server), Show(server), Publish(server), Dismiss(server),
    };

    private static Command List(ServerAddress server)
    {
        var (limit, cursor) = (ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "Drafts that nobody decided.", "drafts", s_columns,
            asking => asking.Client.GetTemplatesDraftsAsync(asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation), limit, cursor);
    }

    private static Command Show(ServerAddress server)
    {
        var id = ServerVerb.Id("draft");
        return ServerVerb.Told(
            server, "show", "A draft's definition, as YAML; --output json: with the documents that propose it.",
            asking => asking.Client.GetTemplatesDraftsByIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation),
            (output, answer) => output.Write(TemplatesCommand.Text(answer["draft"], "definition")), id);
    }

    private static Command Publish(ServerAddress server)
    {
        var id = ServerVerb.Id("draft");
        var (template, name, family) = (
            ServerVerb.Text("--id", "The template's id; absent: the draft's."), ServerVerb.Text("--name", "For people; absent: the id."),
            ServerVerb.Text("--family", "Versions of one form share it; absent: the id."));
        return ServerVerb.Told(
            server, "publish", "Make a template of a draft.",
            asking => asking.Client.PostTemplatesDraftsByIdPublishAsync(
                asking.Line.GetRequiredValue(id),
                new PublishDraftBody { TemplateId = asking.Line.GetValue(template), Name = asking.Line.GetValue(name), Family = asking.Line.GetValue(family) }, asking.Cancellation),
            TemplatesCommand.WriteVersion, id, template, name, family);
    }

    private static Command Dismiss(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("draft"), ServerVerb.Reason());
        return ServerVerb.Told(
            server, "dismiss", "Say of a draft that nobody wants it: documents like it propose nothing any more.",
            asking => asking.Client.PostTemplatesDraftsByIdDismissAsync(
                asking.Line.GetRequiredValue(id), new DismissDraftBody { Reason = asking.Line.GetValue(reason) }, asking.Cancellation),
            (output, answer) => output.WriteLine($"{TemplatesCommand.Text(answer["draft"], "draft_id")} is dismissed"), id, reason);
    }
}
