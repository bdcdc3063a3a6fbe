using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dox.Orchestration.Tests.Events;

/// <summary>One who is sent events, well-behaved or nasty by the path, and checks signatures with code of its own.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _closing = new();
    private readonly ConcurrentQueue<Received> _received = new();
    private int _failuresLeft;

    private WebhookReceiver(WebApplication app) => _app = app;

    public string Address => _app.Urls.First();

    public int Port => new Uri(Address).Port;

    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>What <c>GET /health</c> says.</summary>
    public bool IsWell { get; set; } = true;

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(builder.Build());
        receiver._app.MapPost("/{**path}", receiver.HandleAsync);
        receiver._app.MapGet("/health", () => Results.StatusCode(receiver.IsWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable));
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>The next so many requests to <c>/flaky</c> are answered with 500.</summary>
    public void Fail(int times) => Volatile.Write(ref _failuresLeft, times);

    public async Task<IReadOnlyList<Received>> WhenAsync(Func<IReadOnlyList<Received>, bool> wanted)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(15));
        while (!wanted(All))
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"Received: {string.Join(", ", All.Select(r => $"{r.Path} {r.Type}"))}");
            await look.WaitForNextTickAsync();
        }

        return All;
    }

    public async ValueTask DisposeAsync()
    {
        _closing.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync();
        var path = http.Request.Path.Value!;
        _received.Enqueue(new(path, body, http.Request.Headers["webhook-id"].ToString(), http.Request.Headers["webhook-timestamp"].ToString(), http.Request.Headers["webhook-signature"].ToString()));
        switch (path)
        {
            case "/hang":
                await Task.WhenAny(_closing.Task, Task.Delay(Timeout.Infinite, http.RequestAborted));
                break;
            case "/flaky" when Interlocked.Decrement(ref _failuresLeft) >= 0:
                http.Response.StatusCode = 500;
                break;
            case "/redirect":
                http.Response.Redirect($"{Address}/inside", permanent: false, preserveMethod: true);
                break;
            case "/huge":
                await SendWithoutEndAsync(http);
                break;
            case "/gone":
                http.Response.StatusCode = 410;
                break;
            case "/broken":
                http.Response.StatusCode = 500;
                break;
        }
    }

    private static async Task SendWithoutEndAsync(HttpContext http)
    {
        var block = new byte[64 * 1024];
        try
        {
            while (true) await http.Response.Body.WriteAsync(block, http.RequestAborted);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The sender had enough.
        }
    }

    /// <summary>A request as it came.</summary>
    public sealed record Received(string Path, string Body, string Id, string Timestamp, string Signature)
    {
        public JsonNode Event => JsonNode.Parse(Body)!;

        public string Type => (string)Event["event_type"]!;

        public string? Run => (string?)Event["event_data"]!["workflow_id"];

        /// <summary>By the text of the scheme: each signature is v1, and the base64 of HMAC-SHA256(secret, id.timestamp.body).</summary>
        public bool IsSignedWith(string secret)
        {
            using var hmac = new HMACSHA256(Convert.FromBase64String(secret.Split('_')[1]));
            var expected = Convert.ToBase64String(hmac.ComputeHash(Encoding.UTF8.GetBytes(Id + "." + Timestamp + "." + Body)));
            return Signature.Split(' ').Contains("v1," + expected, StringComparer.Ordinal);
        }
    }
}
