using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dox.Host.CommandLine.Rules;

/// <summary>Asks the server, which has the runs.</summary>
internal static class BacktestRulesCommand
{
    private const string DefaultServer = "http://localhost:5000";

    public static Command Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "The rule's new version." };
        var baseline = new Option<string?>("--baseline") { Description = "Compare with this version; absent: with what the runs really came to." };
        var from = new Option<DateTimeOffset?>("--from") { Description = "Runs that were started from here on." };
        var to = new Option<DateTimeOffset?>("--to") { Description = "And before this." };
        var limit = new Option<int?>("--limit") { Description = "How many runs at most, the newest first; 100 where not given." };
        var output = RuleOutput.Option();
        var command = new Command(
            "backtest", $"List which ended runs of a server would come to something else under a rule's new version: 0 where none does, 1 where some do. DOX_URL names the server ({DefaultServer}), DOX_API_KEY is the key of an author.")
        {
            file, baseline, from, to, limit, output,
        };
        command.SetAction(async (result, cancellation) =>
        {
            var console = result.InvocationConfiguration;
            var path = result.GetRequiredValue(file);
            if (!path.Exists)
            {
                await console.Error.WriteLineAsync($"There is no file '{path}'.");
                return 2;
            }

            var question = new JsonObject
            {
                ["source"] = await File.ReadAllTextAsync(path.FullName, cancellation),
                ["baseline_version"] = result.GetValue(baseline),
                ["from"] = result.GetValue(from),
                ["to"] = result.GetValue(to),
                ["limit"] = result.GetValue(limit),
            };
            if (await AskAsync(question, console.Error, cancellation) is not { } answer) return 3;
            if (result.GetValue(output) == "json") await RuleOutput.WriteJsonAsync(console.Output, answer);
            else await WriteAsync(console.Output, path.ToString(), answer);
            return answer["flipped"]!.AsArray().Count > 0 ? 1 : 0;
        });
        return command;
    }

    private static async Task<JsonObject?> AskAsync(JsonObject question, TextWriter error, CancellationToken cancellation)
    {
        var server = Environment.GetEnvironmentVariable("DOX_URL") is { Length: > 0 } url ? url : DefaultServer;
        using var client = new HttpClient { BaseAddress = new Uri(server.TrimEnd('/') + "/"), Timeout = TimeSpan.FromMinutes(2) };
        if (Environment.GetEnvironmentVariable("DOX_API_KEY") is { Length: > 0 } key) client.DefaultRequestHeaders.Add("X-API-Key", key);
        try
        {
            using var content = new StringContent(question.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var answer = await client.PostAsync(new Uri("api/v1/rules/backtest", UriKind.Relative), content, cancellation);
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellation)) as JsonObject;
            if (answer.IsSuccessStatusCode && body is not null) return body;
            await error.WriteLineAsync($"{server} answers {(int)answer.StatusCode}: {body?["detail"] ?? body?["message"]}");
        }
        catch (HttpRequestException e)
        {
            await error.WriteLineAsync($"{server} can't be reached: {e.Message} DOX_URL names another server.");
        }
        catch (JsonException)
        {
            await error.WriteLineAsync($"{server} answers something that is no JSON: is it DOX?");
        }

        return null;
    }

    private static async Task WriteAsync(TextWriter writer, string file, JsonObject answer)
    {
        foreach (var run in answer["flipped"]!.AsArray().OfType<JsonObject>())
        {
            var line = run["decided_by"] as JsonObject;
            var changed = string.Join(", ", (run["changed_outputs"] as JsonArray ?? []).Select(key => key!.ToString()));
            await writer.WriteLineAsync($"{run["workflow_id"]}: {Outcome(run["before"])} → {Outcome(run["after"])}{(changed.Length == 0 ? "" : $" (output: {changed})")}");
            if (line is not null) await writer.WriteLineAsync($"    {file}({line["line"]}): {line["step"]}: {line["decision"]}{(line["instead"] is { } instead ? $", where it was: {instead}" : "")}");
        }

        foreach (var run in answer["unknown"]!.AsArray().OfType<JsonObject>())
            await writer.WriteLineAsync($"{run["workflow_id"]}: {Outcome(run["before"])} → unknown: {file}({run["unknown_step"]?["line"]}): what would come of '{run["unknown_step"]?["step"]}' was never seen");
        await writer.WriteLineAsync($"{answer["compared"]} runs compared: {answer["same"]} the same, {answer["flipped"]!.AsArray().Count} flipped, {answer["unknown"]!.AsArray().Count} unknown{((bool?)answer["complete"] == false ? "; the time ran out before all were" : "")}");
    }

    private static string Outcome(JsonNode? outcome) =>
        $"{outcome?["state"]}{(outcome?["waits_at"] is { } step ? $" at '{step}'" : "")}{(outcome?["error_code"] is { } code ? $" ({code})" : "")}";
}
