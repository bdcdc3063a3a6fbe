using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Client;
using Dox.Host.CommandLine.Rules;

namespace Dox.Host.CommandLine.Server;

/// <summary>What an author does with a server's templates. Over plain HTTP where bodies are files, which the client that is made for JSON doesn't send.</summary>
internal static class TemplatesCommand
{
    private static readonly string[] s_columns = ["id", "name", "family", "version", "anchors", "fields"];

    public static Command Create(ServerAddress server) => new("templates", "Templates of a server: list, show, learn, publish, restore, and what documents taught them.")
    {
        List(server), Show(server), Learn(server), Publish(server), Restore(server), Lessons(server), Forget(server),
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
        return ServerVerb.Plain(
            server, "show", "A template's definition, as YAML; --output json: taken apart, and where it comes from.",
            (http, line, cancellation) => AskAsync(http, HttpMethod.Get, PathOf(line.GetRequiredValue(id)), null, cancellation), WriteDefinition, id);
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
                foreach (var file in line.GetRequiredValue(files)) form.Add(new ByteArrayContent(await ReadAsync(file, cancellation)), "file", file.Name);
                form.Add(new StringContent(line.GetRequiredValue(id)), "template_id");
                if (line.GetValue(name) is { } given) form.Add(new StringContent(given), "name");
                if (line.GetValue(family) is { } shared) form.Add(new StringContent(shared), "family");
                return await AskAsync(http, HttpMethod.Post, "templates/learn", form, cancellation);
            },
            WriteDefinition, files, id, name, family);
    }

    private static Command Publish(ServerAddress server)
    {
        var file = new Argument<FileInfo>("file") { Description = "The definition, as YAML." };
        var id = new Option<string>("--id") { Description = "The template's id, as the definition has it.", Required = true };
        var reason = ServerVerb.Reason();
        return ServerVerb.Plain(
            server, "publish", "Put a definition in force as a template's next version.",
            async (http, line, cancellation) =>
            {
                using var content = new StringContent(Encoding.UTF8.GetString(await ReadAsync(line.GetRequiredValue(file), cancellation)), Encoding.UTF8, "application/yaml");
                var why = line.GetValue(reason) is { } given ? $"?reason={Uri.EscapeDataString(given)}" : "";
                return await AskAsync(http, HttpMethod.Put, PathOf(line.GetRequiredValue(id)) + why, content, cancellation);
            },
            WriteVersion, file, id, reason);
    }

    private static Command Restore(ServerAddress server)
    {
        var id = ServerVerb.Id("template");
        var revision = new Option<int?>("--revision") { Description = "Which; absent: the one before the newest." };
        var reason = ServerVerb.Reason();
        return ServerVerb.Plain(
            server, "restore", "Put an earlier version of a template in force again.",
            async (http, line, cancellation) =>
            {
                using var content = JsonContent.Create(new JsonObject { ["revision"] = line.GetValue(revision), ["reason"] = line.GetValue(reason) });
                return await AskAsync(http, HttpMethod.Post, $"{PathOf(line.GetRequiredValue(id))}/restore", content, cancellation);
            },
            WriteVersion, id, revision, reason);
    }

    private static Command Lessons(ServerAddress server)
    {
        var id = ServerVerb.Id("template");
        return ServerVerb.Plain(
            server, "lessons", "What decided documents taught a template.",
            (http, line, cancellation) => AskAsync(http, HttpMethod.Get, $"{PathOf(line.GetRequiredValue(id))}/lessons", null, cancellation),
            (output, answer) => RuleOutput.WriteTable(output, ["document_id", "is", "revision", "taught_by", "undone_revision"], answer["lessons"]!.AsArray().Select(l => (IReadOnlyList<string>)
                [Text(l, "document_id"), (bool)l!["is_example"]! ? "an example" : "a counterexample", Text(l, "revision"), Text(l, "taught_by"), Text(l, "undone_revision")])),
            id);
    }

    private static Command Forget(ServerAddress server)
    {
        var id = ServerVerb.Id("document");
        return ServerVerb.Plain(
            server, "forget", "Take back what a decided document taught, in every template.",
            (http, line, cancellation) => AskAsync(http, HttpMethod.Delete, $"lessons/{Uri.EscapeDataString(line.GetRequiredValue(id))}", null, cancellation),
            (output, answer) =>
            {
                foreach (var lesson in answer["undone"]!.AsArray()) output.WriteLine($"{Text(lesson, "template_id")}: revision {Text(lesson, "undone_revision")} is without it");
            },
            id);
    }

    private static async Task<JsonObject> AskAsync(HttpClient http, HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, new Uri($"/api/v1/{path}", UriKind.Relative)) { Content = content };
        using var response = await http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject()
            : throw new DoxClientException("Refused.", (int)response.StatusCode, text, response.Headers.ToDictionary(h => h.Key, h => h.Value, StringComparer.Ordinal), null);
    }

    private static Task<byte[]> ReadAsync(FileInfo file, CancellationToken cancellation) =>
        file.Exists ? File.ReadAllBytesAsync(file.FullName, cancellation) : throw new FormatException($"There is no file '{file}'.");

    private static string PathOf(string id) => $"templates/{Uri.EscapeDataString(id)}";

    private static void WriteDefinition(TextWriter output, JsonObject answer) => output.Write(Text(answer, "definition"));

    private static void WriteVersion(TextWriter output, JsonObject answer) =>
        output.WriteLine($"{Text(answer, "id")}: revision {Text(answer, "revision")} is {((bool)answer["in_force"]! ? "in force" : "kept")}");

    private static string Text(JsonNode? node, string name) => node?[name]?.ToString() ?? "";
}
