using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Dox.Client;
using Dox.Host.CommandLine.Rules;

namespace Dox.Host.CommandLine.Server;

/// <summary>What a verb has when it asks.</summary>
/// <param name="Client">Speaks to the server.</param>
/// <param name="Line">The command line, as it was read.</param>
/// <param name="Cancellation">Ctrl+C.</param>
internal sealed record Asking(DoxClient Client, ParseResult Line, CancellationToken Cancellation);

/// <summary>A verb that asks a running server, and prints what that answers.</summary>
internal static class ServerVerb
{
    /// <summary>A verb whose answer is a page of things: a line each, with these of its members.</summary>
    public static Command List<TAnswer>(
        ServerAddress server, string description, string things, string[] columns, Func<Asking, Task<TAnswer>> ask, params Option[] options) =>
        Create(server, "list", description, ask, (output, answer) => WriteList(output, answer, things, columns), options);

    /// <summary>A verb whose answer is one thing, member by member.</summary>
    public static Command One<TAnswer>(ServerAddress server, string name, string description, Func<Asking, Task<TAnswer>> ask, params Symbol[] symbols) =>
        Create(server, name, description, ask, WriteOne, symbols);

    /// <summary>A verb whose answer holds a list that matters, and little else.</summary>
    public static Command Steps<TAnswer>(
        ServerAddress server, string name, string description, string things, string[] columns, Func<Asking, Task<TAnswer>> ask, params Symbol[] symbols) =>
        Create(server, name, description, ask, (output, answer) => WriteList(output, answer, things, columns), symbols);

    /// <summary>A verb that says in words of its own what came of it.</summary>
    public static Command Told<TAnswer>(
        ServerAddress server, string name, string description, Func<Asking, Task<TAnswer>> ask, Action<TextWriter, JsonObject> write, params Symbol[] symbols) =>
        Create(server, name, description, ask, write, symbols);

    public static Argument<string> Id(string of) => new("id") { Description = $"The {of}'s id." };

    public static Option<string?> Text(string name, string description) => new(name) { Description = description };

    public static Option<DateTimeOffset?> Time(string name, string description) => new(name) { Description = $"{description} For example 2026-12-01 or 2026-12-01T08:00:00Z." };

    public static Option<int?> Limit() => new("--limit") { Description = "How many at most." };

    public static Option<string?> Cursor() => Text("--cursor", "Where the page before ended: its next_cursor.");

    public static Option<string?> Reason() => Text("--reason", "Why, in words; history and audit tell it.");

    /// <summary>A JSON object that was given as text; null where none was.</summary>
    public static Option<JsonObject?> Json(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            try
            {
                if (JsonNode.Parse(result.Tokens[0].Value) is JsonObject given) return given;
            }
            catch (System.Text.Json.JsonException)
            {
                // Told below
            }

            result.AddError($"{name} takes a JSON object, for example '{{\"amount\": 12}}'.");
            return null;
        },
    };

    /// <summary>A verb that asks over plain HTTP, where bodies are files, and says in words of its own what came of it.</summary>
    public static Command Plain(
        ServerAddress server, string name, string description, Func<HttpClient, ParseResult, CancellationToken, Task<JsonObject>> ask, Action<TextWriter, JsonObject> write,
        params Symbol[] symbols) =>
        Judged(server, name, description, ask, write, static _ => true, symbols);

    /// <summary>The same, where the answer tells whether all is well; it ends with <see cref="ServerFaults.Refused"/> where it isn't.</summary>
    public static Command Judged<TAnswer>(
        ServerAddress server, string name, string description, Func<Asking, Task<TAnswer>> ask, Action<TextWriter, JsonObject> write, Func<JsonObject, bool> isWell,
        params Symbol[] symbols) =>
        Judged(server, name, description, Asked(ask), write, isWell, symbols);

    private static Command Judged(
        ServerAddress server, string name, string description, Func<HttpClient, ParseResult, CancellationToken, Task<JsonObject>> ask, Action<TextWriter, JsonObject> write,
        Func<JsonObject, bool> isWell, Symbol[] symbols)
    {
        var output = RuleOutput.Option();
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument) command.Add(argument);
            else command.Add((Option)symbol);
        }

        command.Add(output);
        command.SetAction(async (line, cancellation) =>
        {
            var well = true;
            var ended = await ServerFaults.ToldAsync(line.InvocationConfiguration.Error, async () =>
            {
                using var http = server.Connect();
                var answer = await ask(http, line, cancellation);
                well = isWell(answer);
                if (line.GetValue(output) == "json") await RuleOutput.WriteJsonAsync(line.InvocationConfiguration.Output, answer);
                else write(line.InvocationConfiguration.Output, answer);
            });
            return ended != 0 || well ? ended : ServerFaults.Refused;
        });
        return command;
    }

    private static Command Create<TAnswer>(
        ServerAddress server, string name, string description, Func<Asking, Task<TAnswer>> ask, Action<TextWriter, JsonObject> write, params Symbol[] symbols) =>
        Plain(server, name, description, Asked(ask), write, symbols);

    private static Func<HttpClient, ParseResult, CancellationToken, Task<JsonObject>> Asked<TAnswer>(Func<Asking, Task<TAnswer>> ask) => async (http, line, cancellation) =>
    {
        var answer = await ask(new Asking(new DoxClient(http) { ReadResponseAsString = true }, line, cancellation));
        return JsonNode.Parse(DoxClient.ToJson(answer))!.AsObject();
    };

    private static void WriteList(TextWriter output, JsonObject answer, string things, string[] columns)
    {
        var rows = answer[things]!.AsArray().Select(thing => (IReadOnlyList<string>)[.. columns.Select(column => Cell(thing?[column]))]).ToList();
        if (rows.Count == 0) output.WriteLine("There is none.");
        else RuleOutput.WriteTable(output, columns, rows);
        if ((string?)answer["next_cursor"] is { } more) output.WriteLine($"There are more: --cursor {more}");
    }

    private static void WriteOne(TextWriter output, JsonObject answer) => RuleOutput.WriteTable(
        output, ["", ""], answer.Where(member => member.Value is not null && member.Key is not ("success" or "timestamp")).Select(member => (IReadOnlyList<string>)[member.Key, Cell(member.Value)]));

    private static string Cell(JsonNode? value) => value switch
    {
        null => "",
        JsonValue when value.ToString() is [_, _, _, _, '-', _, _, '-', _, _, 'T', ..] text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time) =>
            time.ToString("u", CultureInfo.InvariantCulture),
        JsonValue => value.ToString(),
        _ => value.ToJsonString(SharedKernel.DoxJson.Options),
    };
}
