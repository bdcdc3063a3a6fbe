using System.Net;
using System.Net.Sockets;
using System.Text;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Events;

/// <summary>Readers of streams that don't read, and streams that have nothing to say.</summary>
public sealed class SlowReaderTests
{
    private const int Events = 120;

    // Seven megabytes: more than all buffers between two sockets hold
    private const string Loud = """
        name: loud
        steps:
          - name: Each
            action: for_each
            params:
              items: "${ Array.from({ length: 120 }, (_, i) => i) }"
              steps: [{ name: Shout, action: publish_event, params: { event: shouted, data: { n: "{item}", text: "${ 'x'.repeat(60000) }" } } }]
        """;

    private EventsHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await EventsHost.StartAsync(
        DatabaseProvider.Sqlite,
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["Dox:Events:WriteTimeout"] = "00:00:00.5", ["Dox:Events:Heartbeat"] = "00:00:00.1", ["Dox:Events:MaxStreams"] = "2" },
        clock: null, Loud + "\n");

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Stream_that_has_nothing_to_say_says_that_it_is_there()
    {
        using var body = new StreamReader(await _host.Host.Client.GetStreamAsync("/api/v1/events"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var beats = 0;
        while (beats < 3)
            if (await body.ReadLineAsync(limit.Token) == ": still here") beats++;
    }

    [Test]
    public async Task Reader_that_does_not_read_is_let_go_and_catches_up_when_it_comes_back()
    {
        await using var quick = await _host.FollowAsync("events");
        using var slow = await OpenAsync();
        await _host.StartRunAsync("loud");
        var whole = await quick.UntilAsync("workflow_completed");
        Assert.That(whole.Count(e => e.Type == "shouted"), Is.EqualTo(Events), "The one that reads isn't held up.");

        // Two are served at once: a third is let in when the slow one is let go
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await StatusAsync() == HttpStatusCode.ServiceUnavailable) await look.WaitForNextTickAsync(limit.Token);

        var received = await ReadToEndAsync(slow);
        var ids = received.Split("\n\n").Where(e => e.Contains("\ndata: ", StringComparison.Ordinal) && e.StartsWith("id: ", StringComparison.Ordinal)).Select(e => e.Split('\n')[0]["id: ".Length..]).ToList();
        // The last one may be cut off in its middle
        var told = ids.SkipLast(1).ToList();
        Assert.That(told, Has.Count.InRange(1, whole.Count - 10), "It was sent no more than the sockets' buffers took.");
        await using var again = await _host.FollowAsync("events", told[^1]);
        var rest = await again.UntilAsync("workflow_completed");
        Assert.That(told.Concat(rest.Select(e => e.Id)), Is.EqualTo(whole.Select(e => e.Id)), "Nothing is missing, and nothing comes twice.");
    }

    private async Task<HttpStatusCode> StatusAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/events");
        using var response = await _host.Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    /// <summary>A reader with a small buffer, that is served. It asks as HTTP 1.0 does, so that events come without chunks around them.</summary>
    private async Task<Socket> OpenAsync()
    {
        var address = _host.Host.Client.BaseAddress!;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v1/events HTTP/1.0\r\nHost: {address.Authority}\r\n\r\n"));
        await socket.ReceiveAsync(new byte[12]);
        return socket;
    }

    /// <summary>What is left in the buffers of a connection that was cut.</summary>
    private static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var count) text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            TestContext.Out.WriteLine("The connection was reset.");
        }

        return text.ToString();
    }
}
