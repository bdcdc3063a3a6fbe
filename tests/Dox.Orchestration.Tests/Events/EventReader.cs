using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace Dox.Orchestration.Tests.Events;

/// <summary>One who follows a stream of server-sent events, by the runtime's own parser.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly IAsyncEnumerator<SseItem<string>> _items;
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(30));

    private EventReader(HttpResponseMessage response, Stream body) =>
        (_response, _items) = (response, SseParser.Create(body).EnumerateAsync(_limit.Token).GetAsyncEnumerator());

    public static async Task<EventReader> OpenAsync(HttpClient client, string path, string? lastEventId, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/{path}");
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(response.IsSuccessStatusCode, Is.True, await (response.IsSuccessStatusCode ? Task.FromResult("") : response.Content.ReadAsStringAsync()));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
        return new(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<ToldEvent?> NextAsync()
    {
        if (!await _items.MoveNextAsync()) return null;
        var item = _items.Current;
        return new(item.EventId ?? "", item.EventType, JsonNode.Parse(item.Data)!);
    }

    /// <summary>The events up to the first that is the last one wanted.</summary>
    public async Task<List<ToldEvent>> UntilAsync(Func<ToldEvent, bool> last)
    {
        var told = new List<ToldEvent>();
        do
        {
            told.Add(await NextAsync() ?? throw new InvalidOperationException($"The stream ended after: {string.Join(", ", told.Select(e => e.Type))}"));
        }
        while (!last(told[^1]));
        return told;
    }

    public Task<List<ToldEvent>> UntilAsync(string type) => UntilAsync(e => e.Type == type);

    public async ValueTask DisposeAsync()
    {
        await _limit.CancelAsync();
        await _items.DisposeAsync();
        _response.Dispose();
        _limit.Dispose();
    }
}

internal sealed record ToldEvent(string Id, string Type, JsonNode Body)
{
    public JsonNode Data => Body["event_data"]!;

    public string? Run => (string?)Body["event_data"]?["workflow_id"];

    public string EventId => (string)Body["event_id"]!;
}
