using System.Net.Sockets;
using System.Text;
using Dox.SharedKernel.Infrastructure.Data;

namespace Dox.Orchestration.Tests.Events;

[TestFixture(DatabaseProvider.Sqlite)]
[TestFixture(DatabaseProvider.PostgreSql)]
public sealed class SlowReaderTests(DatabaseProvider database)
{
    private const int EventsOfARun = 20;

    private static readonly string s_loud =
        $"name: loud\nsteps:\n  - {{ name: Tell, action: publish_event, params: {{ events: [{string.Join(", ", Enumerable.Repeat("loud", EventsOfARun))}], data: {{ text: \"${{ 'x'.repeat(50000) }}\" }} }} }}\n";

    private EventsHost _host = null!;

    [SetUp]
    public async Task Start() => _host = await EventsHost.StartAsync(
        database,
        new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase) { ["Dox:Events:WriteTimeout"] = "00:00:02", ["Dox:Events:Heartbeat"] = "00:00:00.1" },
        clock: null, s_loud);

    [TearDown]
    public async Task Stop() => await _host.DisposeAsync();

    [Test]
    public async Task Stream_without_events_says_that_it_is_still_there()
    {
        using var stream = await OpenAsync();
        await ReadUntilAsync(stream, ": still here");
    }

    [Test]
    public async Task Reader_that_does_not_read_is_let_go_holds_nobody_up_and_catches_up_by_its_last_id()
    {
        using var slow = await OpenAsync();
        await ReadUntilAsync(slow, "retry:");
        const int Runs = 20;
        await using var quick = await _host.FollowAsync("events?types=loud");
        var left = Runs * EventsOfARun;
        var reading = quick.UntilAsync(_ => --left == 0);
        for (var n = 0; n < Runs; n++) await _host.StartRunAsync("loud");
        var told = await reading;

        // Beats are a tenth of a second apart: behind forty of them its write has waited for longer than it may
        using var idle = await OpenAsync("nothing_of_the_kind");
        await ReadUntilAsync(idle, ": still here", times: 40);

        // What lay on its way it may read; then the connection is at its end, before all of the events came
        var read = await ReadToEndAsync(slow);
        var ids = read.Split('\n').Where(line => line.StartsWith("id: ", StringComparison.Ordinal)).Select(line => line[4..].Trim()).ToList();
        Assert.That(ids, Has.Count.LessThan(Runs * EventsOfARun));

        // The last one may have been cut in the middle
        var last = ids.Count > 1 ? ids[^2] : "0.0";
        await using var again = await _host.FollowAsync("events?types=loud", last);
        var rest = await again.UntilAsync(e => e.EventId == told[^1].EventId);
        Assert.That(rest.Select(e => e.EventId), Is.EqualTo(told.SkipWhile(e => ids.Count > 1 && e.Id != last).Skip(ids.Count > 1 ? 1 : 0).Select(e => e.EventId)));
    }

    private async Task<NetworkStream> OpenAsync(string type = "loud")
    {
        // A client of its own: the runtime's reads ahead. A small window, so that little lies on the way
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        var address = _host.Host.Client.BaseAddress!;
        await socket.ConnectAsync(address.Host, address.Port);
        var stream = new NetworkStream(socket, ownsSocket: true);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /api/v1/events?types={type} HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"));
        return stream;
    }

    private static async Task ReadUntilAsync(NetworkStream stream, string wanted, int times = 1)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (text, buffer) = (new StringBuilder(), new byte[1024]);
        while (text.ToString().Split(wanted).Length <= times)
        {
            var read = await stream.ReadAsync(buffer, limit.Token);
            Assert.That(read, Is.GreaterThan(0), text.ToString());
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (text, buffer) = (new StringBuilder(), new byte[65536]);
        try
        {
            while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var read) text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Reset: the other way to be let go
        }

        return text.ToString();
    }
}
