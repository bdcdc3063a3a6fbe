using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.Client;

namespace Dox.Host.CommandLine.Server;

/// <summary>What went wrong with a server, as a sentence for people and a code for scripts.</summary>
internal static class ServerFaults
{
    public const int Refused = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int NotAllowed = 4;
    public const int Conflict = 5;
    public const int Unavailable = 69;
    public const int TryLater = 75;

    /// <summary>Runs the verb; 0, or the code of what went wrong, which was told.</summary>
    public static async Task<int> ToldAsync(TextWriter error, Func<Task> verb)
    {
        try
        {
            await verb();
            return 0;
        }
        catch (DoxClientException e)
        {
            foreach (var line in Lines(e)) await error.WriteLineAsync(line);
            return e.StatusCode switch
            {
                401 or 403 => NotAllowed,
                404 or 410 => NotFound,
                409 or 412 => Conflict,
                429 or 503 => TryLater,
                >= 500 => Unavailable,
                _ => Refused,
            };
        }
        catch (FormatException e)
        {
            await error.WriteLineAsync(e.Message);
            return Usage;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            await error.WriteLineAsync($"The server doesn't answer: {e.Message} DOX_URL says where it is, http://localhost:5000 where it isn't set.");
            return Unavailable;
        }
        catch (IOException e)
        {
            await error.WriteLineAsync(e.Message);
            return Refused;
        }
    }

    private static IEnumerable<string> Lines(DoxClientException fault)
    {
        JsonObject? problem = null;
        try
        {
            problem = JsonNode.Parse(fault.Response ?? "") as JsonObject;
        }
        catch (JsonException)
        {
            // Not DOX: a proxy before it, or another server
        }

        if (problem is null)
        {
            yield return $"The server answers {fault.StatusCode}, and not as DOX does. Is DOX_URL right?";
            yield break;
        }

        yield return (string?)problem["detail"] ?? $"The server answers {fault.StatusCode}.";
        foreach (var finding in problem["errors"] as JsonArray ?? []) yield return $"- {finding?["message"]}";
        if (fault.StatusCode == 401) yield return "DOX_API_KEY says who you are.";
    }
}
