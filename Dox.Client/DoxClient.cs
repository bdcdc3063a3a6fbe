using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dox.Client;

/// <summary>DOX's HTTP API. Made from <c>docs/reference/openapi.json</c> when this project is built; what stands here is what that can't say.</summary>
public partial class DoxClient
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An answer as JSON for people and programs, with the API's own names.</summary>
    public static string ToJson(object? answer) => JsonSerializer.Serialize(answer, s_readable);

    /// <summary>A client that speaks to a server.</summary>
    /// <param name="address">For example <c>http://localhost:5000</c>.</param>
    /// <param name="apiKey">Who asks; null where the server lets everybody in.</param>
    public static HttpClient Connect(Uri address, string? apiKey)
    {
        var http = new HttpClient { BaseAddress = address };
        if (!string.IsNullOrEmpty(apiKey)) http.DefaultRequestHeaders.Add("X-API-Key", apiKey);
        return http;
    }
}
