using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Dox.Client;
using Dox.Host.CommandLine.Rules;

namespace Dox.Host.CommandLine.Server;

/// <summary>What an author does with all templates together: tests them, and takes over those of another tool.</summary>
internal static class LibraryVerbs
{
    public static Command Test(ServerAddress server)
    {
        var draft = new Option<FileInfo?>("--with") { Description = "A definition that isn't in force yet: what would come out otherwise with it?" };
        return ServerVerb.Judged(
            server, "test",
            "Match all samples and decided documents against the library, each as if it had never been seen. Ends with 1 where one isn't recognised as what it is; of --with, where one no longer would be.",
            async asking => await asking.Client.PostTemplatesTestAsync(
                asking.Line.GetValue(draft) is { } file ? await DefinitionFiles.ReadAsync(file, asking.Cancellation) : null!, asking.Cancellation),
            WriteTest, answer => answer["draft_id"] is null ? (int)answer["right"]! == (int)answer["tested"]! : (int)answer["regressions"]! == 0, draft);
    }

    public static Command Import(ServerAddress server)
    {
        var paths = new Argument<FileSystemInfo[]>("paths") { Description = "Files, and folders whose *.yml, *.yaml and *.json are taken, with those below.", Arity = ArgumentArity.OneOrMore };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would become of them." };
        return ServerVerb.Judged(
            server, "import", "Take over invoice templates of another tool. Done again, it changes what changed. Ends with 1 where one can't be taken over.",
            async asking =>
            {
                var files = new List<ImportTemplatesForeignFile>();
                foreach (var (path, file) in DefinitionFiles.Under(asking.Line.GetRequiredValue(paths)))
                    files.Add(new() { Path = path, Source = Encoding.UTF8.GetString(await DefinitionFiles.BytesAsync(file, asking.Cancellation)) });
                if (files.Count == 0) throw new FormatException("There is no template (*.yml, *.yaml, *.json) there.");
                return await asking.Client.PostTemplatesImportAsync(new ImportTemplatesCommand { Templates = files, DryRun = asking.Line.GetValue(dryRun) }, asking.Cancellation);
            },
            WriteImport, answer => (int)answer["refused"]! == 0, paths, dryRun);
    }

    private static void WriteTest(TextWriter output, JsonObject answer)
    {
        RuleOutput.WriteTable(output, ["is", "taken_for", "count"], answer["confusion"]!.AsArray().Select(c => (IReadOnlyList<string>)[Named(c, "is"), Named(c, "taken_for"), Text(c, "count")]));
        RuleOutput.WriteTable(
            output, ["template_id", "field", "documents", "read"],
            answer["fields"]!.AsArray().Select(f => (IReadOnlyList<string>)[Text(f, "template_id"), Text(f, "field") + ((bool)f!["required"]! ? " (required)" : ""), Text(f, "documents"), Text(f, "read")]));
        foreach (var one in answer["wrong"]!.AsArray()) output.WriteLine($"{Text(one, "document_id")} {Text(one, "file_name")} is {Named(one, "is")}, and is taken for {Named(one, "taken_for")}: {Text(one, "explanation")}");
        foreach (var flip in answer["flips"]!.AsArray())
        {
            var fields = flip!["fields"]!.AsArray().Select(f => (string?)f).ToList();
            output.WriteLine(
                $"{Text(flip["after"], "document_id")} flips from {Named(flip["before"], "taken_for")} ({Text(flip["before"], "decision")}) to {Named(flip["after"], "taken_for")} ({Text(flip["after"], "decision")})"
                + (fields.Count > 0 ? $", reads otherwise {string.Join(", ", fields)}" : "") + ((bool)flip["is_regression"]! ? ": a regression" : ""));
        }

        output.WriteLine(
            $"{Text(answer, "right")} of {Text(answer, "tested")} recognised as what they are, {Text(answer, "false_accepts")} accepted wrongly, {Text(answer, "regressions")} regressions, "
            + $"{Text(answer, "unread")} not readable any more, {Text(answer, "left_out")} left out");
    }

    private static void WriteImport(TextWriter output, JsonObject answer)
    {
        foreach (var item in answer["templates"]!.AsArray())
        {
            foreach (var problem in item!["problems"]!.AsArray().Concat(item["warnings"]!.AsArray()))
                output.WriteLine($"{Text(problem, "source")}({Text(problem, "line")},{Text(problem, "column")}): {Text(problem, "code")}: {Text(problem, "message")}");
        }

        output.WriteLine(
            $"{Text(answer, "added")} added, {Text(answer, "updated")} updated, {Text(answer, "unchanged")} unchanged, {Text(answer, "refused")} refused{((bool)answer["dry_run"]! ? "; nothing was stored" : "")}");
    }

    private static string Named(JsonNode? node, string name) => Text(node, name) is { Length: > 0 } id ? id : "unknown";

    private static string Text(JsonNode? node, string name) => TemplatesCommand.Text(node, name);
}
