using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dox.Host.Demo.Samples;

namespace Dox.Host.Tests;

/// <summary>What a client of documents does, in a line each.</summary>
internal static class Documents
{
    /// <summary>Sends the sample and returns the answer's status and body.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(this HttpClient client, Sample sample, string? workflow = null)
    {
        using var form = new MultipartFormDataContent();
        var file = new ByteArrayContent(sample.Content);
        file.Headers.ContentType = new MediaTypeHeaderValue(sample.MediaType);
        form.Add(file, "file", sample.FileName);
        if (workflow is not null) form.Add(new StringContent(workflow), "workflow");
        using var response = await client.PostAsync("/api/v1/documents", form);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonNode>())!);
    }

    public static async Task<JsonNode> GetJsonAsync(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.That(response.IsSuccessStatusCode, Is.True, $"GET {path}: {(int)response.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }

    /// <summary>Returns the document's status once nothing more happens to it by itself.</summary>
    public static async Task<JsonNode> AtRestAsync(this HttpClient client, string document)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(180));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var status = await client.GetJsonAsync($"/api/v1/documents/{document}/status");
            if ((bool)status["at_rest"]!) return status;
            Assert.That(limit.IsCancellationRequested, Is.False, $"{document} isn't at rest after 180 s: {status}");
            await look.WaitForNextTickAsync();
        }
    }
}
