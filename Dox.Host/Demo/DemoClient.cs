using System.Net;
using System.Text.Json;
using Dox.Host.Demo.Samples;

namespace Dox.Host.Demo;

/// <summary>Asks the server what anybody could ask it.</summary>
internal sealed class DemoClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(address, "api/v1/"), Timeout = TimeSpan.FromSeconds(30) };

    public async Task<Submission> SubmitAsync(Sample sample, CancellationToken cancellation)
    {
        using var file = new ByteArrayContent(sample.Content) { Headers = { ContentType = new(sample.MediaType) } };
        using var form = new MultipartFormDataContent { { file, "file", sample.FileName } };
        using var response = await _http.PostAsync(Path("documents"), form, cancellation);
        var answer = await BodyAsync(response, cancellation);
        if (response.StatusCode == HttpStatusCode.Accepted)
            return new(response.StatusCode, Text(answer, "document_id"), Text(answer, "workflow_id"), Text(answer, "validation_result", "virus_scan_result", "scan_result"));

        var first = Part(answer, "errors") is { ValueKind: JsonValueKind.Array } errors ? errors.EnumerateArray().FirstOrDefault() : default;
        return new(response.StatusCode, null, null, null)
        {
            Code = Text(answer, "code"),
            Step = Text(first, "step"),
            Message = Text(first, "message") ?? Text(answer, "detail"),
        };
    }

    /// <summary>Where the document stands; what was decided and why is told once it is at rest.</summary>
    public async Task<DocumentState> StateAsync(Submission submission, CancellationToken cancellation)
    {
        var status = await GetAsync($"documents/{submission.DocumentId}/status", cancellation);
        var state = new DocumentState(
            Text(status, "workflow_status") ?? "unknown", Text(status, "current_step"), Part(status, "at_rest") is { ValueKind: JsonValueKind.True }, Text(status, "reason"));
        if (!state.AtRest) return state;

        var run = await GetAsync($"workflows/{submission.WorkflowId}", cancellation);
        var context = Part(run, "context");
        return state with
        {
            Decision = Text(context, "confidence", "decision"),
            Confidence = Part(context, "confidence", "confidence") is { ValueKind: JsonValueKind.Number } confidence ? confidence.GetDouble() : null,
            TemplateId = Text(run, "output", "template_id") ?? Text(context, "recognition", "template_matched", "template_id"),
            ApprovalType = Text(run, "output", "approval_type"),
            Reason = state.RunStatus is "failed" or "escalated" ? state.Reason : Text(context, "recognition", "explanation") ?? state.Reason,
        };
    }

    /// <summary>The review that waits for the document; null where there is none (yet).</summary>
    public async Task<string?> FindReviewAsync(string documentId, CancellationToken cancellation)
    {
        var page = await GetAsync($"reviews?document_id={documentId}&state=open", cancellation);
        return Part(page, "reviews") is { ValueKind: JsonValueKind.Array } reviews ? Text(reviews.EnumerateArray().FirstOrDefault(), "review_id") : null;
    }

    public async Task ApproveAsync(string reviewId, string templateId, CancellationToken cancellation)
    {
        using var claimed = await _http.PostAsync(Path($"reviews/{reviewId}/claim"), null, cancellation);
        claimed.EnsureSuccessStatusCode();
        using var approved = await _http.PostAsJsonAsync(Path($"reviews/{reviewId}/approve"), new { template_id = templateId }, cancellation);
        approved.EnsureSuccessStatusCode();
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(Path(path), cancellation);
        response.EnsureSuccessStatusCode();
        return await BodyAsync(response, cancellation);
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response, CancellationToken cancellation) =>
        response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
            ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellation)
            : default;

    private static Uri Path(string path) => new(path, UriKind.Relative);

    private static JsonElement Part(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return default;
        }

        return element;
    }

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path) =>
        Part(element, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
