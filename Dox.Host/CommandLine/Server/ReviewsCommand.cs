using System.CommandLine;
using System.Text.Json;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

internal static class ReviewsCommand
{
    private static readonly string[] s_columns = ["review_id", "state", "team", "subject", "document_id", "claimed_by", "opened_at"];

    public static Command Create(ServerAddress server) => new("reviews", "What waits for a person's decision: list, claim, release, approve, reject.")
    {
        List(server),
        Simple(server, "show", "One review, with its evidence.", asking => asking.Client.GetReviewsByIdAsync),
        Simple(server, "claim", "Take it on.", asking => asking.Client.PostReviewsByIdClaimAsync),
        Simple(server, "release", "Give it back.", asking => asking.Client.PostReviewsByIdReleaseAsync),
        Approve(server),
        Reject(server),
    };

    private static Command List(ServerAddress server)
    {
        var (team, state, document, workflow) = (
            ServerVerb.Text("--team", "A team's alone."), ServerVerb.Text("--state", "open, claimed, approved or rejected."),
            ServerVerb.Text("--document", "Those of a document."), ServerVerb.Text("--workflow", "Those of a run."));
        var (limit, cursor) = (ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "Reviews.", "reviews", s_columns,
            asking => asking.Client.GetReviewsAsync(
                asking.Line.GetValue(team), asking.Line.GetValue(state), asking.Line.GetValue(document), asking.Line.GetValue(workflow),
                asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation),
            team, state, document, workflow, limit, cursor);
    }

    private static Command Simple(ServerAddress server, string name, string description, Func<Asking, Func<string, CancellationToken, Task<ReviewView>>> ask)
    {
        var id = ServerVerb.Id("review");
        return ServerVerb.One(server, name, description, asking => ask(asking)(asking.Line.GetRequiredValue(id), asking.Cancellation), id);
    }

    private static Command Approve(ServerAddress server)
    {
        var (id, reason, template) = (ServerVerb.Id("review"), ServerVerb.Reason(), ServerVerb.Text("--template", "The template that it is."));
        var fields = ServerVerb.Json("--fields", "Corrected fields, as a JSON object.");
        return ServerVerb.One(
            server, "approve", "Decide for it.",
            asking => asking.Client.PostReviewsByIdApproveAsync(
                asking.Line.GetRequiredValue(id),
                new ApproveReviewBody
                {
                    TemplateId = asking.Line.GetValue(template),
                    Fields = asking.Line.GetValue(fields) is { } given ? JsonSerializer.SerializeToElement(given) : null,
                    Reason = asking.Line.GetValue(reason),
                },
                asking.Cancellation),
            id, template, fields, reason);
    }

    private static Command Reject(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("review"), ServerVerb.Reason());
        return ServerVerb.One(
            server, "reject", "Decide against it.",
            asking => asking.Client.PostReviewsByIdRejectAsync(asking.Line.GetRequiredValue(id), new RejectReviewBody { Reason = asking.Line.GetValue(reason) }, asking.Cancellation),
            id, reason);
    }
}
