using System.Text;
using System.Text.Json;
using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;

namespace Dox.SharedKernel.Infrastructure.Http;

/// <summary>A definition in a request's body: YAML as it is, or JSON with it under <c>source</c>.</summary>
public static class SourceBody
{
    /// <summary>Reads the text.</summary>
    /// <param name="request">Its body mustn't have been read.</param>
    /// <param name="what">What is defined, as codes name it: <c>rule</c>.</param>
    /// <param name="maxLength">In characters.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DoxException">413 <c>WHAT_too_large</c>; 400 <c>WHAT_missing</c>, <c>invalid_json</c>.</exception>
    public static async Task<string> ReadAsync(HttpRequest request, string what, int maxLength, CancellationToken cancellationToken) =>
        await ReadOptionalAsync(request, what, maxLength, cancellationToken) ?? throw Missing(what);

    /// <summary>Reads the text; null where none is sent: no body, or JSON's <c>null</c>, which generated clients send for none.</summary>
    /// <param name="request">Its body mustn't have been read.</param>
    /// <param name="what">What is defined, as codes name it: <c>rule</c>.</param>
    /// <param name="maxLength">In characters.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="DoxException">413 <c>WHAT_too_large</c>; 400 <c>WHAT_missing</c> for a body that holds none, <c>invalid_json</c>.</exception>
    public static async Task<string?> ReadOptionalAsync(HttpRequest request, string what, int maxLength, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = await BoundedBody.ReadAsync(request, maxLength * 4, () => new DoxException(413, $"{what}_too_large", $"A {what} has at most {maxLength:N0} characters."), cancellationToken);
        if (body.IsEmpty) return null;
        var text = Encoding.UTF8.GetString(body.Span);
        if (request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true)
        {
            if (text.AsSpan().Trim() is "null") return null;
            text = SourceOf(text);
        }

        return string.IsNullOrWhiteSpace(text) ? throw Missing(what) : text;
    }

    private static DoxException Missing(string what) => DoxException.Invalid($"{what}_missing", $"Send the {what}'s YAML as the body, or JSON with it under 'source'.");

    private static string SourceOf(string json)
    {
        try
        {
            using var body = JsonDocument.Parse(json);
            return body.RootElement.ValueKind == JsonValueKind.Object && body.RootElement.TryGetProperty("source", out var source) && source.ValueKind == JsonValueKind.String ? source.GetString()! : "";
        }
        catch (JsonException e)
        {
            throw DoxException.Invalid("invalid_json", $"The body is no JSON: {e.Message}");
        }
    }
}
