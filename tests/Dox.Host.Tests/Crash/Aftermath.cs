using System.Text.Json.Nodes;

namespace Dox.Host.Tests.Crash;

/// <summary>What must be found after hosts were killed, as a client sees it.</summary>
internal static class Aftermath
{
    /// <summary>Each step succeeded once, each ended run counts once in the memory bank, each review was opened once.</summary>
    public static async Task AssertNothingIsDoubledAsync(HttpClient client, IReadOnlyCollection<string> documents, int completed)
    {
        foreach (var document in documents)
        {
            var status = await client.GetJsonAsync($"/api/v1/documents/{document}/status");
            var history = await client.GetJsonAsync($"/api/v1/workflows/{(string?)status["workflow_id"]}/history");
            Assert.That((bool)history["chain_valid"]!, Is.True);
            var succeeded = history["entries"]!.AsArray().Where(e => (string?)e!["status"] == "success").Select(e => (string)e!["step"]!).ToList();
            Assert.That(succeeded, Is.Unique, $"{document}: each step succeeded once.");
        }

        var total = await BankCountAsync(client, completed);
        var reviewed = await ReviewedAsync(client);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(total, Is.EqualTo(completed), "Each ended run counts once in the memory bank.");
            Assert.That(reviewed, Is.Unique);
            Assert.That(reviewed, Has.Count.EqualTo(documents.Count - completed));
        }
    }

    private static async Task<IReadOnlyList<string>> ReviewedAsync(HttpClient client)
    {
        var documents = new List<string>();
        for (string? cursor = "", next = ""; cursor is not null; cursor = next)
        {
            var page = await client.GetJsonAsync($"/api/v1/reviews?limit=200{(cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            documents.AddRange(page["reviews"]!.AsArray().Select(r => (string)r!["document_id"]!));
            next = (string?)page["next_cursor"];
        }

        return documents;
    }

    /// <summary>
    /// The banks are written behind the runs: asked until the count stands, or is over. What a killed process was about to deliver waits for
    /// the end of its lease, a minute.
    /// </summary>
    private static async Task<int> BankCountAsync(HttpClient client, int wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(180));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using var response = await client.GetAsync("/api/v1/memory-banks/SUPERVISOR.json");
            var text = await response.Content.ReadAsStringAsync();
            var count = response.IsSuccessStatusCode ? CountOf(JsonNode.Parse(text)!) : 0;
            if (count >= wanted || limit.IsCancellationRequested) return count;
            await look.WaitForNextTickAsync();
        }
    }

    private static int CountOf(JsonNode bank) =>
        (int?)(bank["content"] ?? bank["bank"] ?? bank)["total_documents_processed"] ?? 0;
}
