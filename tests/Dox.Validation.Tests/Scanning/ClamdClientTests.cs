using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Dox.Testing.Servers;
using Dox.Validation.Scanning;
using Dox.Validation.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Dox.Validation.Tests.Scanning;

internal sealed class ClamdClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Test]
    public async Task A_real_clamd_answers()
    {
        var server = await ClamdServer.SharedAsync();
        var clamd = new ClamdClient(new ClamdAddress(server.UnixSocket ?? server.Host, server.Port), Limit, Limit, TimeProvider.System);

        await clamd.PingAsync(CancellationToken.None);
        Assert.That((await clamd.VersionAsync(CancellationToken.None)).Engine, Does.StartWith("ClamAV "));
        Assert.That(await clamd.StatsAsync(CancellationToken.None), Does.Contain("QUEUE"));
        Assert.That(await ScanAsync(clamd, TestVirus.ToBytes()), Has.Property(nameof(ClamdReply.Outcome)).EqualTo(ClamdOutcome.Infected));
        Assert.That(await ScanAsync(clamd, RandomNumberGenerator.GetBytes(300_000)), Is.EqualTo(new ClamdReply(ClamdOutcome.Clean)));
        Assert.That(await ScanAsync(clamd, []), Is.EqualTo(new ClamdReply(ClamdOutcome.Clean)));
    }

    [Test]
    public async Task A_stream_over_its_limit_is_unscannable_though_clamd_closes_while_it_is_sent()
    {
        await using var server = await ClamdServer.StartPrivateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["StreamMaxLength"] = "1M" });
        var clamd = new ClamdClient(new ClamdAddress(server.Host, server.Port), Limit, Limit, TimeProvider.System);

        Assert.That((await ScanAsync(clamd, new byte[50_000_000])).Outcome, Is.EqualTo(ClamdOutcome.Unscannable));
    }

    [Test]
    public async Task Whatever_its_length_the_content_arrives_as_it_is()
    {
        await using var server = new FakeClamd();
        var clamd = Client(server);

        await Gen.Int[0, 200_000].Select(length => length % 3 == 0 ? length / 65536 * 65536 : length).SampleAsync(async length =>
        {
            var content = RandomNumberGenerator.GetBytes(length);
            Assert.That((await ScanAsync(clamd, content)).Outcome, Is.EqualTo(ClamdOutcome.Clean));
            Assert.That(server.Scanned.Any(s => s.AsSpan().SequenceEqual(content)), Is.True);
        }, iter: 30, threads: 1);
    }

    [Test]
    public async Task It_speaks_over_a_unix_socket()
    {
        var path = Path.Combine(Path.GetTempPath(), $"dox-{Guid.CreateVersion7():N}.ctl");
        await using var server = new FakeClamd(path);
        var clamd = new ClamdClient(new ClamdAddress(path, 0), Limit, Limit, TimeProvider.System);

        await clamd.PingAsync(CancellationToken.None);
        File.Delete(path);
    }

    [Test]
    public async Task A_connection_that_is_dropped_is_no_verdict([Values] bool afterSome)
    {
        await using var server = new FakeClamd
        {
            Hijack = async (socket, cancellationToken) =>
            {
                if (afterSome) await socket.ReceiveAsync(new byte[1000], cancellationToken);
            },
        };

        Assert.That(() => ScanAsync(Client(server), new byte[10_000_000]), Throws.InstanceOf<ClamdException>().With.Property(nameof(ClamdException.Failure)).EqualTo(ClamdFailure.Dropped));
    }

    [Test]
    public async Task Scans_share_a_connection()
    {
        await using var server = new FakeClamd();
        using var clamd = Client(server);

        for (byte i = 0; i < 5; i++) Assert.That((await ScanAsync(clamd, [i])).Outcome, Is.EqualTo(ClamdOutcome.Clean));

        Assert.That((server.Connections, server.Scanned.Count), Is.EqualTo((1, 5)));
    }

    [Test]
    public async Task A_connection_that_clamd_closed_meanwhile_costs_another_one_and_no_verdict()
    {
        await using var server = new FakeClamd();
        using var clamd = Client(server);
        await ScanAsync(clamd, [1]);
        await server.StopListeningAsync();
        server.ListenAgain();

        Assert.That((await ScanAsync(clamd, TestVirus.ToBytes())).Outcome, Is.EqualTo(ClamdOutcome.Infected));
        Assert.That(server.Scanned.Select(s => s.Length), Is.EqualTo([1, TestVirus.ToBytes().Length]));
    }

    [TestCase("2: stream: OK\0")]
    [TestCase("stream: OK\0")]
    [TestCase("1: stream: OK\0" + "2: stream: OK\0")]
    public async Task A_reply_to_another_question_is_no_verdict(string reply)
    {
        await using var server = new FakeClamd
        {
            Hijack = async (socket, cancellationToken) =>
            {
                await socket.ReceiveAsync(new byte[1000], cancellationToken);
                await socket.SendAsync(Encoding.ASCII.GetBytes(reply), cancellationToken);
            },
        };

        Assert.That(() => ScanAsync(Client(server), [1]), Throws.InstanceOf<ClamdException>().With.Property(nameof(ClamdException.Failure)).EqualTo(ClamdFailure.Garbage));
    }

    [TestCase("HTTP/1.1 400 Bad Request\r\n\r\n\0")]
    [TestCase("stream: OKAY\0")]
    [TestCase("\0")]
    public async Task Garbage_is_no_verdict(string reply)
    {
        await using var server = new FakeClamd { Judge = _ => reply };

        Assert.That(() => ScanAsync(Client(server), [1]), Throws.InstanceOf<ClamdException>().With.Property(nameof(ClamdException.Failure)).EqualTo(ClamdFailure.Garbage));
    }

    [Test]
    public async Task A_reply_without_end_is_garbage()
    {
        await using var server = new FakeClamd { Judge = _ => new string('x', 100_000) };

        Assert.That(() => ScanAsync(Client(server), [1]), Throws.InstanceOf<ClamdException>().With.Property(nameof(ClamdException.Failure)).EqualTo(ClamdFailure.Garbage));
    }

    [Test]
    public async Task A_reply_that_comes_early_is_read_though_clamd_takes_no_more()
    {
        var taken = new TaskCompletionSource();
        await using var server = new FakeClamd
        {
            Hijack = async (socket, cancellationToken) =>
            {
                await socket.SendAsync("1: INSTREAM size limit exceeded. ERROR\0"u8.ToArray(), cancellationToken);
                await taken.Task;
            },
        };

        Assert.That((await ScanAsync(Client(server), new byte[50_000_000])).Outcome, Is.EqualTo(ClamdOutcome.Unscannable));
        taken.SetResult();
    }

    [Test]
    public async Task Silence_ends_after_the_limit()
    {
        var heard = new TaskCompletionSource();
        await using var server = new FakeClamd
        {
            Hijack = async (socket, cancellationToken) =>
            {
                await socket.ReceiveAsync(new byte[1000], cancellationToken);
                heard.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken); // Silent until the test ends
            },
        };
        var clock = new FakeTimeProvider();
        var scan = ScanAsync(new ClamdClient(new ClamdAddress("127.0.0.1", server.Port), Limit, Limit, clock), [1]);
        await heard.Task;
        clock.Advance(Limit);

        Assert.That(() => scan, Throws.InstanceOf<ClamdException>().With.Property(nameof(ClamdException.Failure)).EqualTo(ClamdFailure.TimedOut));
    }

    [Test]
    public async Task Nobody_there_is_told_as_that()
    {
        var server = new FakeClamd();
        await server.DisposeAsync();

        Assert.That(() => Client(server).PingAsync(CancellationToken.None), Throws.InstanceOf<ClamdException>().With.Property(nameof(ClamdException.Failure)).EqualTo(ClamdFailure.Unreachable));
    }

    [Test]
    public async Task Content_that_fails_is_not_blamed_on_clamd()
    {
        await using var server = new FakeClamd();
        await using var content = new BrokenStream();

        Assert.That(() => Client(server).ScanAsync(content, CancellationToken.None), Throws.InstanceOf<IOException>());
    }

    private static ClamdClient Client(FakeClamd server) => new(new ClamdAddress("127.0.0.1", server.Port), Limit, Limit, TimeProvider.System);

    private static async Task<ClamdReply> ScanAsync(ClamdClient clamd, byte[] content)
    {
        using var stream = new MemoryStream(content);
        return await clamd.ScanAsync(stream, CancellationToken.None);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("The disk is gone.");
    }
}
