using System.CommandLine;

namespace Dox.Host.CommandLine.Server;

internal static class DocumentsCommand
{
    private static readonly string[] s_columns = ["document_id", "status", "file_name", "template_id", "confidence", "account_id", "created_at"];

    public static Command Create(ServerAddress server) => new("documents", "Documents that were sent: list, show, fetch, delete.")
    {
        List(server), Show(server), Status(server), Fetch(server), Delete(server),
    };

    private static Command List(ServerAddress server)
    {
        var (account, template, name) = (
            ServerVerb.Text("--account", "An account's alone."), ServerVerb.Text("--template", "Those that were recognised as this."), ServerVerb.Text("--name", "Those with this file name."));
        var (status, rule, service) = (
            ServerVerb.Text("--status", "processing, in_review, completed, failed, escalated, cancelled, quarantined or expired."),
            ServerVerb.Text("--rule", "Those that came in by a rule."), ServerVerb.Text("--service", "Those of a service."));
        var words = ServerVerb.Text("--query", "Those with these words, or words that begin so, in their name, metadata or fields.");
        var (from, to) = (ServerVerb.Time("--from", "Those that came then or later."), ServerVerb.Time("--to", "Those that came before then."));
        var (limit, cursor) = (ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "Documents, newest first.", "documents", s_columns,
            asking => asking.Client.GetDocumentsAsync(
                asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Line.GetValue(account), asking.Line.GetValue(template), asking.Line.GetValue(name),
                asking.Line.GetValue(from), asking.Line.GetValue(to), asking.Line.GetValue(status), asking.Line.GetValue(rule), asking.Line.GetValue(service), null, null, asking.Line.GetValue(words),
                asking.Cancellation),
            words, account, template, name, status, rule, service, from, to, limit, cursor);
    }

    private static Command Show(ServerAddress server)
    {
        var id = ServerVerb.Id("document");
        return ServerVerb.One(server, "show", "One document, with its fields.", asking => asking.Client.GetDocumentsByIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation), id);
    }

    private static Command Status(ServerAddress server)
    {
        var id = ServerVerb.Id("document");
        return ServerVerb.One(server, "status", "How far one is.", asking => asking.Client.GetDocumentsByIdStatusAsync(asking.Line.GetRequiredValue(id), asking.Cancellation), id);
    }

    private static Command Fetch(ServerAddress server)
    {
        var id = ServerVerb.Id("document");
        var to = new Option<FileInfo>("--to") { Description = "The file to write; it mustn't be there.", Required = true };
        var fetch = new Command("fetch", "Write a document's bytes to a file.") { id, to };
        fetch.SetAction((line, cancellation) => ServerFaults.ToldAsync(line.InvocationConfiguration.Error, async () =>
        {
            using var http = server.Connect();
            using var response = await http.GetAsync($"/api/v1/documents/{Uri.EscapeDataString(line.GetRequiredValue(id))}/content", HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                throw new Client.DoxClientException(
                    "Not fetched.", (int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellation), response.Headers.ToDictionary(h => h.Key, h => h.Value, StringComparer.Ordinal), null);
            }

            await using var file = line.GetRequiredValue(to).Open(FileMode.CreateNew);
            await response.Content.CopyToAsync(file, cancellation);
        }));
        return fetch;
    }

    private static Command Delete(ServerAddress server)
    {
        var (id, reason) = (ServerVerb.Id("document"), ServerVerb.Reason());
        return ServerVerb.One(
            server, "delete", "Delete one: what it said and was named, its bytes unless another has the same; its runs are cancelled. One under legal hold stays.",
            asking => asking.Client.DeleteDocumentsByIdAsync(asking.Line.GetRequiredValue(id), asking.Line.GetValue(reason), asking.Cancellation), id, reason);
    }
}
