using System.CommandLine;
using System.Text.Json.Nodes;
using Dox.Client;
using Dox.Host.CommandLine.Rules;

namespace Dox.Host.CommandLine.Server;

/// <summary>What an author does with a server's templates. Samples alone go over plain HTTP: the client, which is made for JSON, doesn't send several files.</summary>
internal static class TemplatesCommand
{
    private static readonly string[] s_columns = ["id", "name", "family", "version", "anchors", "fields"];

    public static Command Create(ServerAddress server) => new("templates", "Templates of a server: list, show, learn, test, publish, restore, import, what documents taught them, and what unknown ones propose.")
    {
        List(server), Show(server), Learn(server), LibraryVerbs.Test(server), Publish(server), Restore(server), LibraryVerbs.Import(server), Lessons(server), Forget(server),
        DraftsCommand.Create(server),
    };

    private static Command List(ServerAddress server)
    {
        var (limit, cursor) = (ServerVerb.Limit(), ServerVerb.Cursor());
        return ServerVerb.List(
            server, "Templates in force, by id.", "templates", s_columns,
            asking => asking.Client.GetTemplatesAsync(asking.Line.GetValue(limit), asking.Line.GetValue(cursor), asking.Cancellation), limit, cursor);
    }

    private static Command Show(ServerAddress server)
    {
        var id = ServerVerb.Id("template");
        return ServerVerb.Told(
            server, "show", "A template's definition, as YAML; --output json: taken apart, and where it comes from.",
            asking => asking.Client.GetTemplatesByIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation), WriteDefinition, id);
    }

    private static Command Learn(ServerAddress server)
    {
        var files = new Argument<FileInfo[]>("files") { Description = "One to five filled-in instances of the form.", Arity = ArgumentArity.OneOrMore };
        var id = new Option<string>("--id") { Description = "The new template's id, for example de.example.invoice.", Required = true };
        var (name, family) = (ServerVerb.Text("--name", "For people; absent: the id."), ServerVerb.Text("--family", "Versions of one form share it; absent: the id."));
        return ServerVerb.Plain(
            server, "learn", "Make a template of samples, and put it in force. Prints its definition: name the fields, and publish it.",
            async (http, line, cancellation) =>
            {
                using var form = new MultipartFormDataContent();
                foreach (var file in line.GetRequiredValue(files)) form.Add(new ByteArrayContent(await DefinitionFiles.BytesAsync(file, cancellation)), "file", file.Name);
                form.Add(new StringContent(line.GetRequiredValue(id)), "template_id");
                if (line.GetValue(name) is { } given) form.Add(new StringContent(given), "name");
                if (line.GetValue(family) is { } shared) form.Add(new StringContent(shared), "family");
                return await LearnAsync(http, form, cancellation);
            },
            WriteDefinition, files, id, name, family);
    }

    private static Command Publish(ServerAddress server)
    {
        var file = new Argument<FileInfo>("file") { Description = "The definition, as YAML." };
        var id = new Option<string>("--id") { Description = "The template's id, as the definition has it.", Required = true };
        var reason = ServerVerb.Reason();
        return ServerVerb.Told(
            server, "publish", "Put a definition in force as a template's next version.",
            async asking => await asking.Client.PutTemplatesByIdAsync(
                asking.Line.GetRequiredValue(id), await DefinitionFiles.ReadAsync(asking.Line.GetRequiredValue(file), asking.Cancellation), reason: asking.Line.GetValue(reason),
                cancellationToken: asking.Cancellation),
            WriteVersion, file, id, reason);
    }

    private static Command Restore(ServerAddress server)
    {
        var id = ServerVerb.Id("template");
        var revision = new Option<int?>("--revision") { Description = "Which; absent: the one before the newest." };
        var reason = ServerVerb.Reason();
        return ServerVerb.Told(
            server, "restore", "Put an earlier version of a template in force again.",
            asking => asking.Client.PostTemplatesByIdRestoreAsync(
                asking.Line.GetRequiredValue(id), new RestoreTemplateBody { Revision = asking.Line.GetValue(revision), Reason = asking.Line.GetValue(reason) }, asking.Cancellation),
            WriteVersion, id, revision, reason);
    }

    private static Command Lessons(ServerAddress server)
    {
        var id = ServerVerb.Id("template");
        return ServerVerb.Told(
            server, "lessons", "What decided documents taught a template.",
            asking => asking.Client.GetTemplatesByIdLessonsAsync(asking.Line.GetRequiredValue(id), asking.Cancellation),
            (output, answer) => RuleOutput.WriteTable(output, ["document_id", "is", "revision", "taught_by", "undone_revision"], answer["lessons"]!.AsArray().Select(l => (IReadOnlyList<string>)
                [Text(l, "document_id"), (bool)l!["is_example"]! ? "an example" : "a counterexample", Text(l, "revision"), Text(l, "taught_by"), Text(l, "undone_revision")])),
            id);
    }

    private static Command Forget(ServerAddress server)
    {
        var id = ServerVerb.Id("document");
        return ServerVerb.Told(
            server, "forget", "Take back what a decided document taught, in every template.",
            asking => asking.Client.DeleteLessonsByDocumentIdAsync(asking.Line.GetRequiredValue(id), asking.Cancellation),
            (output, answer) =>
            {
                foreach (var lesson in answer["undone"]!.AsArray()) output.WriteLine($"{Text(lesson, "template_id")}: revision {Text(lesson, "undone_revision")} is without it");
            },
            id);
    }

    private static async Task<JsonObject> LearnAsync(HttpClient http, HttpContent form, CancellationToken cancellation)
    {
        using var response = await http.PostAsync(new Uri("/api/v1/templates/learn", UriKind.Relative), form, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject()
            : throw new DoxClientException("Refused.", (int)response.StatusCode, text, response.Headers.ToDictionary(h => h.Key, h => h.Value, StringComparer.Ordinal), null);
    }

    private static void WriteDefinition(TextWriter output, JsonObject answer) => output.Write(Text(answer, "definition"));

    public static void WriteVersion(TextWriter output, JsonObject answer) =>
        output.WriteLine($"{Text(answer, "id")}: revision {Text(answer, "revision")} is {((bool)answer["in_force"]! ? "in force" : "kept")}");

    public static string Text(JsonNode? node, string name) => node?[name]?.ToString() ?? "";
}
