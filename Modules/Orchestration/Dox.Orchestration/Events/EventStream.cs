using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dox.SharedKernel;
using Dox.SharedKernel.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Dox.Orchestration.Events;

/// <summary>Writes server-sent events to those who follow: nothing is queued for a reader, who is let go when it can't keep up.</summary>
internal sealed class EventStream(EventWindow window, IHostApplicationLifetime lifetime, IOptions<EventOptions> options, TimeProvider clock)
{
    private static readonly byte[] Beat = ": still here\n\n"u8.ToArray();

    private readonly EventOptions _options = options.Value;
    private int _open;

    /// <summary>Serves <paramref name="source"/> until the reader goes, falls behind, has been here for long, or DOX stops.</summary>
    public async Task WriteAsync(HttpContext http, IEventSource source)
    {
        if (Interlocked.Increment(ref _open) > _options.MaxStreams)
        {
            Interlocked.Decrement(ref _open);
            throw DoxException.Unavailable("too_many_streams", $"This process serves {_options.MaxStreams} event streams already. Try again in a moment.");
        }

        using var following = window.Follow();
        using var until = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        using var age = new CancellationTokenSource(_options.LongestStream, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(until.Token, age.Token);
        try
        {
            await BeginAsync(http);
            if (source.Missed is { } missed)
                await SendAsync(http, Format(null, "events_missed", new JsonObject { ["reason"] = "not_kept", ["message"] = missed }));
            var reason = await ServeAsync(http, source, end.Token);
            await SendAsync(http, Format(null, "stream_closed", new JsonObject { ["reason"] = reason, ["last_event_id"] = source.LastId }));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            var reason = age.IsCancellationRequested ? "come_again" : "shutting_down";
            await SendAsync(http, Format(null, "stream_closed", new JsonObject { ["reason"] = reason, ["last_event_id"] = source.LastId }));
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The reader is gone, as readers go.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private static Task BeginAsync(HttpContext http)
    {
        http.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        // nginx holds answers back otherwise.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        return http.Response.StartAsync(http.RequestAborted);
    }

    private async Task<string> ServeAsync(HttpContext http, IEventSource source, CancellationToken cancellationToken)
    {
        await SendAsync(http, Encoding.UTF8.GetBytes("retry: 2000\n\n"));
        var caughtUp = false;
        var spoke = clock.GetTimestamp();
        while (true)
        {
            var (batch, place) = await source.NextAsync(cancellationToken);
            foreach (var (id, e) in batch)
            {
                await SendAsync(http, Format(id, e.Type, e.Envelope));
                spoke = clock.GetTimestamp();
            }

            var lag = window.Newest - place;
            if (lag <= 0) caughtUp = true;
            // Whoever comes back after long may have much to catch up with; whoever was there and fell behind is too slow.
            else if (caughtUp && lag > _options.LargestLag) return "too_slow";
            if (clock.GetElapsedTime(spoke) >= _options.Heartbeat)
            {
                await SendAsync(http, Beat);
                spoke = clock.GetTimestamp();
            }

            await window.WaitBeyondAsync(place, _options.Heartbeat / 4, cancellationToken);
        }
    }

    private async Task SendAsync(HttpContext http, ReadOnlyMemory<byte> text)
    {
        using var limit = new CancellationTokenSource(_options.WriteTimeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, http.RequestAborted);
        try
        {
            await http.Response.Body.WriteAsync(text, either.Token);
            await http.Response.Body.FlushAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            http.Abort();
            throw;
        }
    }

    private static byte[] Format(string? id, string type, JsonObject data) => Format(id, type, JsonSerializer.SerializeToUtf8Bytes(data, DoxJson.Options));

    // JSON has no line breaks as it is written here, and a type that a rule made up has none either.
    private static byte[] Format(string? id, string type, byte[] data)
    {
        var head = id is null ? string.Create(CultureInfo.InvariantCulture, $"event: {type}\ndata: ") : string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: {type}\ndata: ");
        return [.. Encoding.UTF8.GetBytes(head), .. data, (byte)'\n', (byte)'\n'];
    }
}

/// <summary>What a stream tells.</summary>
internal interface IEventSource
{
    /// <summary>What to say to a reader who asks for events that aren't kept any more; null: all are here.</summary>
    string? Missed { get; }

    /// <summary>The id of the last event that was given out.</summary>
    string LastId { get; }

    /// <summary>The next events with their ids, none where there are none yet; and how far in the feed that was.</summary>
    Task<(IReadOnlyList<(string Id, DoxEvent Event)> Events, long Place)> NextAsync(CancellationToken cancellationToken);
}
