using System.Text.Json;
using Dox.SharedKernel.Errors;
using Dox.Workflows.Rules;
using Microsoft.AspNetCore.Http;

namespace Dox.Orchestration.Rules;

/// <summary>A rule in a request's body: YAML as it is, or JSON with <c>source</c>.</summary>
internal static class RuleText
{
    /// <exception cref="DoxException">413: too long; 400: no text.</exception>
    public static async Task<string> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        const int most = RuleParser.LongestText * 4;
        if (request.ContentLength > most) throw TooLarge();
        using var buffer = new MemoryStream();
        var chunk = new byte[16_384];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > most) throw TooLarge();
            buffer.Write(chunk, 0, read);
        }

        var text = System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        if (request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true) text = SourceOf(text);
        return string.IsNullOrWhiteSpace(text) ? throw DoxException.Invalid("rule_missing", "Send the rule's YAML as the body, or JSON with it under 'source'.") : text;
    }

    /// <summary>What is wrong with a rule, as findings of a problem.</summary>
    public static IReadOnlyList<Finding> Findings(IEnumerable<Diagnostic> diagnostics) =>
        [.. diagnostics.Select(d => new Finding("rule", d.Code, d.Message + (d.Suggestion is null ? "" : $" ({d.Suggestion})"), Evidence: $"line {d.Line}, column {d.Column}"))];

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

    private static DoxException TooLarge() => new(413, "rule_too_large", $"A rule has at most {RuleParser.LongestText:N0} characters.");
}
